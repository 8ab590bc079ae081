"""Ready-made scenarios: one YAML file each."""
