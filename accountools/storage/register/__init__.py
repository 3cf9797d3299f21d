"""The register: queries and changes, one file a subject."""
