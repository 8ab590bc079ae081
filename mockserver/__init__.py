"""A fine-tuning provider that runs on this machine and can be broken on purpose.

It speaks the OpenAI wire contract, keeps state, refuses what a provider refuses, and its
tuned models answer from the examples they were trained on. Nothing in it knows `ftrunner`.

    from mockserver.server import MockServer, Settings

    with MockServer(Settings()) as server:
        print(server.base_url)
"""
