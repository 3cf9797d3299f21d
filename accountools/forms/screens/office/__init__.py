"""The office itself: its issuers, revocation lists, own backup, keys and journal, and what an interruption left."""
