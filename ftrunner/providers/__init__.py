"""What differs between providers, as data: one YAML file each."""
