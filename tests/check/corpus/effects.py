"""Functions that break their contract. `# finds:` says what is to be found at the line, in the order of the check."""

import datetime
import heapq
import json
import logging
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time as clock
import urllib.request
import uuid
import warnings
from datetime import datetime as moment
from multiprocessing import Pool
from pathlib import Path
from random import shuffle

import nobody
import numpy as np
import pandas as pd
import pydron
import requests
from astropy.io import fits
from numpy import random as nprandom
from pydron import functional, functional as pure_function

log = logging.getLogger(__name__)
counter = 0
seen = []
settings = {"level": 1}
rng = np.random.default_rng(1)


class Star:
    count = 0

    def __init__(self, flux):
        self.flux = flux

    def scale(self, factor):
        self.flux = self.flux * factor

    def scaled(self, factor):
        return Star(self.flux * factor)

    @functional
    def normalise(self, total):
        self.flux /= total  # finds: argument certain
        return self


def noisy(x):
    print(x)  # finds: output likely
    return x


def same(x):
    return x


# --- output


@functional
def prints(x):
    print("x", x)  # finds: output certain


@functional
def prints_to_stderr(x):
    print("x", x, file=sys.stderr)  # finds: output certain


@functional
def logs(x):
    log.info("x %s", x)  # finds: output certain
    logging.warning("x")  # finds: output certain


@functional
def warns(x):
    warnings.warn("x")  # finds: output certain


@functional
def asks():
    return input("x? ")  # finds: input certain


# --- files


@functional
def opens(x):
    with open("out.txt", "w") as file:  # finds: file certain
        file.write(x)


@functional
def opens_by_keyword(x):
    with open("out.txt", mode="ab") as file:  # finds: file certain
        file.write(x)


@functional
def opens_perhaps(name, mode):
    return open(name, mode).read()  # finds: file possible


@functional
def path_writes(name, text):
    Path(name).write_text(text)  # finds: file certain
    (Path("out") / name).write_bytes(b"x")  # finds: file certain
    with Path(name).open("w") as file:  # finds: file certain
        file.write(text)


@functional
def path_given(path, text):
    path.write_text(text)  # finds: file likely


@functional
def saves(a):
    np.save("a.npy", a)  # finds: file certain
    np.savetxt("a.txt", a)  # finds: file certain


@functional
def table(frame):
    frame.to_csv("out.csv")  # finds: file likely


@functional
def image_file(image):
    fits.PrimaryHDU(image).writeto("out.fits")  # finds: file likely
    fits.writeto("out.fits", image)  # finds: file certain


@functional
def removes(name):
    os.remove(name)  # finds: file certain
    shutil.rmtree(name)  # finds: file certain
    os.makedirs("x", exist_ok=True)  # finds: file certain


# --- time, randomness, network, environment, processes, state


@functional
def times():
    a = clock.time()  # finds: time certain
    b = datetime.datetime.now()  # finds: time certain
    c = moment.utcnow()  # finds: time certain
    return a, b, c


@functional
def randoms(xs):
    shuffle(xs)  # finds: argument certain random certain
    a = random.gauss(0, 1)  # finds: random certain
    b = np.random.normal(size=3)  # finds: random certain
    c = nprandom.rand()  # finds: random certain
    d = uuid.uuid4()  # finds: random certain
    e = secrets.token_hex()  # finds: random certain
    f = os.urandom(3)  # finds: random certain
    return a, b, c, d, e, f


@functional
def unseeded():
    a = np.random.default_rng()  # finds: random certain
    b = random.Random()  # finds: random certain
    c = np.random.default_rng(None)  # finds: random certain
    return a.normal(), b.random(), c.normal()


@functional
def shared_generator():
    return rng.normal()  # finds: random certain


@functional
def seeds():
    np.random.seed(1)  # finds: random certain
    return 1


@functional
def network(url):
    a = urllib.request.urlopen(url)  # finds: network certain
    b = requests.get(url)  # finds: network certain
    c = socket.create_connection((url, 80))  # finds: network certain
    return a.read(), b.text, c.recv(3)


@functional
def environment():
    return os.environ["HOME"], os.getenv("USER")  # finds: environment certain environment certain


@functional
def sets_environment():
    os.environ["X"] = "1"  # finds: environment certain state certain


@functional
def processes(command):
    subprocess.run(command)  # finds: process certain
    os.system("ls")  # finds: process certain
    threading.Thread(target=noisy).start()  # finds: process certain
    with Pool(2) as pool:  # finds: process certain
        return pool.map(same, [1])


@functional
def state():
    os.chdir("/")  # finds: state certain
    np.seterr(all="ignore")  # finds: state certain
    warnings.filterwarnings("ignore")  # finds: state certain


@functional
def unknown(x, f):
    eval(x)  # finds: unknown possible
    nobody.knows(x)  # finds: unknown possible
    return f(x)  # finds: unknown possible


library = pydron.functional(np.random.normal)  # finds: random certain


def plain(x):
    print(x)  # finds: output certain


plain_functional = pydron.functional(plain)
small = pydron.functional(lambda x: seen.append(x))  # finds: global certain


# --- pickling


@functional
def returns_file(name):
    return open(name)  # finds: pickle certain


@functional
def returns_generator(xs):
    return (x for x in xs)  # finds: pickle certain


@functional
def takes(x):
    return x


@pydron.schedule
def pipeline(name, xs):
    with open(name) as file:
        takes(file)  # finds: pickle certain
    takes(x for x in xs)  # finds: pickle certain
    lock = threading.Lock()
    takes(lock)  # finds: pickle certain
    takes(lambda x: x)
    print(takes(1))
    return takes(xs)


# --- silenced


@functional
def meant(x):
    print(x)  # pydron: ok
    seen.append(x)  # pydron: ok global, it is a cache


@functional  # pydron: ok
def all_meant(x):
    print(x)
    seen.append(x)


@functional
def meant_in_part(x):
    print(x)  # finds: output certain  # pydron: ok time
    noisy(x)  # pydron: ok output
