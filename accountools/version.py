"""The program's version, as in manifests and file names."""

VERSION = "1.0.0"
