"""`+=` on a result may change it in place: nobody else may see that."""

import pydron
from tasks import f


@pydron.schedule
def pipeline(x):
    a = f(x)
    b = a
    a += f(2)
    return a, b
