"""The register: queries and changes, one file a subject, on the connection of a transaction."""
