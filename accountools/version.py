"""The program's version, as manifests and file names give it."""

VERSION = "1.0.0"
