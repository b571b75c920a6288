"""What can be done with scrap: yields of the best plants, processes that can be added, and the quality of what comes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GRADES = ("refined", "battery", "magnet", "alloy")
"""Qualities of recycled metal; the table ``processes`` says what they mean."""
ALLOY = GRADES.index("alloy")
"""The quality that no content rule counts for batteries and magnets, and no premium draws."""
NEEDED = {"battery": GRADES.index("battery"), "magnet": GRADES.index("magnet")}
"""The quality that makers of a product group ask for, besides metal as good as from ore; all others take any."""


@dataclass(frozen=True)
class Processes:
    """Figures of the table ``processes``, laid out along the recyclers and the rows in use.

    Attributes:
        best: share of the content that the best plants of the usual process recover, shape (Y, metals); 0: none is known.
        grade: seller and quality of what the usual process gives, row of both x :data:`GRADES`, shape (Y x metals,).
        plants: recyclers that could add a process, shape (n,).
        yields, cost: of the processes that each of them could add, a share and USD/t with freight, shape (n, processes, metals).
        seller: who sells each metal that they recover, shape (n, metals).
        grade_added: ``grade`` for what they add, shape (n x processes x metals,).
        energy: of the same, per t that comes out; where no own figure is known that of recycling the metal, GJ/t; 0: neither.
        ready: first month in which each process is ready to be built, number of the month, shape (Y, processes).
        names: of the processes by product group, in the order of ``yields``.
        need: quality that each product asks for, row of :data:`GRADES`, 0: any, shape (products,).
        best_in_use: ``best`` for the metal of each row in use, shape (V,).
        yields_in_use: ``yields`` for the metal of each row in use, shape (V, processes).
        plant_in_use: the formal recycler of the row's product group at home, a row past the last: none, shape (V,).
    """

    best: np.ndarray
    grade: np.ndarray
    plants: np.ndarray
    yields: np.ndarray
    cost: np.ndarray
    energy: np.ndarray
    ready: np.ndarray
    seller: np.ndarray
    grade_added: np.ndarray
    names: dict[str, tuple[str, ...]]
    need: np.ndarray
    best_in_use: np.ndarray
    yields_in_use: np.ndarray
    plant_in_use: np.ndarray
