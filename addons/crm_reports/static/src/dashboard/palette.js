/** Colours of series, the same as in the workbook (tools/workbook.py). */
export const SERIES = [
    "#2F6FB3",
    "#3FA796",
    "#E0A03C",
    "#C8576B",
    "#7A6FB0",
    "#8A94A6",
    "#5FA8D3",
    "#A3B86C",
];

export const INK = "#374151";
export const QUIET = "#6B7280";
export const GRID = "#E9ECF1";
export const OTHER = "#C3CAD5";

/** Values whose meaning has a colour of its own, whatever chart shows them. */
const MEANINGS = {
    won: "#3FA796",
    lost: "#C8576B",
    open: "#2F6FB3",
    met: "#3FA796",
    running: "#2F6FB3",
    late: "#E0A03C",
    overdue: "#C8576B",
    not_due: "#3FA796",
    days_30: "#A3B86C",
    days_60: "#E8C468",
    days_90: "#E0A03C",
    days_120: "#D67F4B",
    older: "#C8576B",
};

/**
 * @param {{key: any, other?: boolean}} item a row or column of a tile
 * @param {number} index its position
 * @returns {string} its colour
 */
export function colorOf(item, index) {
    if (item.other) {
        return OTHER;
    }
    return MEANINGS[item.key] || SERIES[index % SERIES.length];
}

/** @returns {boolean} whether any of the items has a colour by its meaning */
export function hasMeaning(items) {
    return items.some((item) => item.key in MEANINGS);
}
