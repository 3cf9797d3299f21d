"""What happens in an office, one dataclass for each kind of event, by subject."""
