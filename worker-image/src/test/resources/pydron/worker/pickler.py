"""Pickles for the tests: reads `command argument` lines in base64, answers with one line in base64.

`function SOURCE` gives the cloudpickle of the function f that the source defines, `value EXPRESSION` the pickle of
a value, `args EXPRESSION` one in which ref(k) is a reference to dep k, `show PICKLE` the repr of what is in it.
"""

import base64
import io
import pickle
import sys

import cloudpickle


class Ref:
    def __init__(self, index):
        self.index = index


class Pickler(pickle.Pickler):
    def persistent_id(self, obj):
        return obj.index if isinstance(obj, Ref) else None


def answer(command, argument):
    if command == "function":
        names = {"__name__": "__main__"}
        exec(compile(argument, "user.py", "exec"), names)
        return cloudpickle.dumps(names["f"], protocol=5)
    if command == "value":
        return cloudpickle.dumps(eval(argument), protocol=5)
    if command == "args":
        out = io.BytesIO()
        Pickler(out, 5).dump(eval(argument, {"ref": Ref}))
        return out.getvalue()
    if command == "executable":
        return sys.executable.encode()
    return repr(pickle.loads(base64.b64decode(argument))).encode()


for line in sys.stdin:
    command, _, rest = line.strip().partition(" ")
    argument = base64.b64decode(rest).decode()
    try:
        reply = answer(command, argument)
    except Exception as error:
        reply = f"error: {error!r}".encode()
    print(base64.b64encode(reply).decode(), flush=True)
