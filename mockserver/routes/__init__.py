"""HTTP in and out, one module per noun. State and rules live elsewhere."""
