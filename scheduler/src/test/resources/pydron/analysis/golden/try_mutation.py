"""What a handler can see must not happen before what precedes it has succeeded."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(xs):
    done = []
    try:
        for x in xs:
            done.append(f(x))
    except ValueError:
        return done
    return f(done)
