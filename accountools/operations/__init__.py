"""What one does, a file each: plan, show, apply. Brings `storage` and `formats` together."""
