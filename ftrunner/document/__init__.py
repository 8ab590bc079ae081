"""YAML with positions, checked by a JSON Schema: specs, profiles and price tables alike."""
