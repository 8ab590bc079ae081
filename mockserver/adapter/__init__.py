"""Other providers' APIs over the OpenAI application: what every dialect is built from."""
