"""A fine-tuning provider that runs on this machine and can be broken on purpose.

It implements the OpenAI API, keeps state, rejects what a provider rejects, and its tuned models
answer from the examples they were trained on. It does not depend on `ftrunner`.

    from mockserver.server import MockServer, Settings

    with MockServer(Settings()) as server:
        print(server.base_url)
"""
