"""Clients, administrations and users, and the rules about them."""
