"""The same, by several at once: what two workers or two care givers do at the same moment."""

import threading


def at_once(many, does):
    """What the same comes to in so many threads, which start together: what it gives, or the error."""
    from django.db import connection

    ready, outcomes = threading.Barrier(many), []

    def run():
        ready.wait()
        try:
            outcomes.append(does())
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
