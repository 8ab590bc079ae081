"""Plan, observe, apply: which of the four steps must run, and running them."""
