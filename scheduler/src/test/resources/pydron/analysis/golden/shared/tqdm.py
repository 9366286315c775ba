"""The name is all that the analysis looks at."""


class tqdm:
    def __init__(self, iterable=None, total=None, desc=None):
        self.iterable = iterable

    def __iter__(self):
        return iter(self.iterable)

    def update(self, n=1):
        pass
