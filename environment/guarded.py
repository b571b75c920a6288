"""Objects that refuse what they do not know: a slip of the pen in a rule or a notebook must not pass silently."""

from __future__ import annotations

from typing import Any

import numpy as np


class Sealing(type):
    """Seals an object when its outermost ``__init__`` is done, so a subclass sets what it likes in its own."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an object and note the names that it has."""
        made = super().__call__(*args, **kwargs)
        vars(made)["_sealed"] = True
        return made


class Guarded(metaclass=Sealing):
    """Once made, refuses attributes that it does not have, and arrays of another shape than they had.

    A subclass has what its ``__init__`` sets and what its body names (``mood: float``). Names that begin with ``_`` are free.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        before = own.get(name)
        if before is not None and type(before) is not np.ndarray:
            own[name] = value
            return
        if type(before) is np.ndarray and "_sealed" in own and name[0] != "_":
            if getattr(value, "shape", None) != before.shape and np.shape(value) != before.shape:
                where = f"{type(self).__name__}.{name}"
                raise ValueError(f"{where}: shape {np.shape(value)} where {before.shape} is due")
            own[name] = value
            return
        if name not in own and "_sealed" in own and name[0] != "_":
            _known(self, name)
        object.__setattr__(self, name, value)


def _known(thing: Guarded, name: str) -> None:
    """Refuse a name that neither the object nor its classes have."""
    if any(name in vars(kind) or name in vars(kind).get("__annotations__", ()) for kind in type(thing).__mro__):
        return  # looked up in the bodies: a descriptor need not answer to its class
    known = ", ".join(sorted(key for key in vars(thing) if key[0] != "_"))
    raise AttributeError(
        f"{type(thing).__name__} has no attribute {name!r}; it has {known}. "
        f"A subclass sets its own in __init__, or names them in its body ({name}: float)"
    )
