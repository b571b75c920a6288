"""Carriers: what it costs to bring goods from one country to another, and what a closed passage adds in time and money.

Carriers decide nothing but the way. They are paid for the gross weight of what they carry.
"""

from __future__ import annotations

import numpy as np

from lodeflow.agents.guards import DAYS_A_MONTH


def over_land(same_land: np.ndarray, distance: np.ndarray, longest: float) -> np.ndarray:
    """Whether goods that do not fly go by road and rail: ``same_land x [distance <= longest]``, boolean, shape (E,). ODD 7.16.

    Args:
        same_land: whether the way can be made without a ship, boolean, shape (E,).
        distance: great circle between the countries, km, shape (E,).
        longest: farthest that goods go over land, km (parameter ``land_km``).
    """
    near: np.ndarray = same_land & (distance <= longest)
    return near


def freight(km: np.ndarray, rate: np.ndarray | float, content: np.ndarray) -> np.ndarray:
    """What a way costs: ``km x rate / content``, USD/t metal, shape (E,). ODD 7.16.

    Args:
        km: length of the way, km, shape (E,).
        rate: USD per t gross weight and km, shape (E,).
        content: metal in a t of what is shipped, t/t, shape (E,).
    """
    cost: np.ndarray = km * rate / content
    return cost


def toll(tolls: np.ndarray, content: np.ndarray) -> np.ndarray:
    """What passages on the way cost: ``tolls / content``, USD/t metal, shape (E,). ODD 7.16.

    Args:
        tolls: of the passages on the way, USD/t gross weight, shape (E,).
        content: metal in a t of what is shipped, t/t, shape (E,).
    """
    cost: np.ndarray = tolls / content
    return cost


def delay(
    turned: np.ndarray,
    more_sea: np.ndarray,
    sea_speed: float,
    more_land: np.ndarray,
    land_speed: float,
    passing: np.ndarray,
    queue: float,
) -> np.ndarray:
    """How much later goods arrive on the mean: ``turned (sea / v_sea + land / v_land) + passing queue``, months, shape (E,).

    ODD 7.16.

    Args:
        turned: share of the trade that takes the other way, shape (E,).
        more_sea, more_land: how much longer that way is by sea and over land, km, shape (E,).
        sea_speed, land_speed: km/month (parameters ``shipping_km_per_month`` and ``land_km_per_month``).
        passing: share of the trade that still goes the usual way and queues, shape (E,).
        queue: wait of what still goes through, days.
    """
    later: np.ndarray = turned * (more_sea / sea_speed + more_land / land_speed) + passing * queue / DAYS_A_MONTH
    return later


def left_behind(touched: np.ndarray, no_way: np.ndarray, next_ports: np.ndarray, room: float) -> np.ndarray:
    """Share of the trade that finds no other way: all where there is none, ``1 - room`` of it where ports abroad take over.

    Shape (E,). ODD 7.16.

    Args:
        touched: share of the trade that used what is closed, shape (E,).
        no_way: whether there is no other way at all, boolean, shape (E,).
        next_ports: whether the other way leads through ports of another country, boolean, shape (E,).
        room: share that these can take (parameter ``port_room``).
    """
    kept: np.ndarray = touched * np.where(no_way, 1.0, np.where(next_ports, 1.0 - room, 0.0))
    return kept


def dearer(
    turned: np.ndarray,
    more_sea: np.ndarray,
    more_land: np.ndarray,
    saved_tolls: np.ndarray,
    touched: np.ndarray,
    rise: float,
    usual: np.ndarray,
) -> np.ndarray:
    """How much dearer the way gets: ``turned (sea + land - tolls) + touched rise usual``, at least 0, USD/t metal, shape (E,).

    ODD 7.16.

    Args:
        turned: share of the trade that takes the other way, shape (E,).
        more_sea, more_land: :func:`freight` of what that way is longer, USD/t metal, shape (E,).
        saved_tolls: :func:`toll` of the passages that it avoids, USD/t metal, shape (E,).
        touched: share of the trade that used the usual way, shape (E,).
        rise: rise of freight rates on ways that are touched, share.
        usual: :func:`freight` by sea of the usual way, USD/t metal, shape (E,).
    """
    more = turned * (more_sea + more_land - saved_tolls) + touched * rise * usual
    return np.maximum(more, 0.0)
