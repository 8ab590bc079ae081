"""The data of the mock server. Only this package contains SQL."""
