"""The floor and the peers: one small module each, found by name. Each has a class `Peer`, see `interface.py`."""

#: In the order of the table: name, module to import to see whether it is there, package to install ("": none needed).
PEERS = {
    "pipe": ("pickle", ""),
    "futures": ("concurrent.futures", ""),
    "pool": ("multiprocessing", ""),
    "joblib": ("joblib", "joblib"),
    "ray": ("ray", "ray"),
    "dask": ("distributed", "dask[distributed]"),
    "parsl": ("parsl", "parsl"),
    "ipyparallel": ("ipyparallel", "ipyparallel"),
}
