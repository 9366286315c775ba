import time

total = 0


def note(x):
    return later(x)


def later(x):
    return time.time() + x  # finds: time certain
