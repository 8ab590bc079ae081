"""HTTP handlers, one module per noun. State and rules are elsewhere."""
