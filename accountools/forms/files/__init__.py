"""Files that come and go on a screen: what was made, to download or to hand over; what is uploaded."""
