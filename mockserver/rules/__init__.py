"""The rules by which a provider refuses requests and data, with sources."""
