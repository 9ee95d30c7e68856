"""Periods of one relation that two records of the same customer had, made into one."""

from datetime import date


def fold_periods(rows):
    """Join periods of the same relation that overlap.

    :param rows: ``(id, key, start, end, rank)``: days both included, None for an open end; of rows
        that become one, the one of the lowest (rank, id) is kept
    :return: ``({id: (start, end)}, [id, ...])``: what the kept rows become where they change, and
        which rows are no longer needed
    """
    groups = {}
    for row in rows:
        groups.setdefault(row[1], []).append(row)
    changed, surplus = {}, []
    for group in groups.values():
        for cluster in _clusters(group):
            kept = min(cluster, key=lambda row: (row[4], row[0]))
            surplus += [row[0] for row in cluster if row is not kept]
            start = min((row[2] or date.min for row in cluster), default=date.min)
            end = max((row[3] or date.max for row in cluster), default=date.max)
            period = (None if start == date.min else start, None if end == date.max else end)
            if period != (kept[2], kept[3]):
                changed[kept[0]] = period
    return changed, surplus


def _clusters(group):
    """Rows of one relation, those that overlap together."""
    clusters, last = [], None
    for row in sorted(group, key=lambda row: row[2] or date.min):
        if clusters and (row[2] or date.min) <= last:
            clusters[-1].append(row)
            last = max(last, row[3] or date.max)
        else:
            clusters.append([row])
            last = row[3] or date.max
    return clusters
