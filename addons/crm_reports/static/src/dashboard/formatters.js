import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { formatFloat } from "@web/core/utils/numbers";

// Longer figures are shortened where room is scarce; the full one stays in the tooltip.
const LONGEST_FIGURE = 13;

function withSymbol(text, currency) {
    if (!currency) {
        return text;
    }
    return currency.position === "after"
        ? `${text}\u00A0${currency.symbol}`
        : `${currency.symbol}${text}`;
}

function withUnit(text, kind) {
    const units = { percent: "%", days: _t("days"), hours: _t("hours") };
    if (!units[kind]) {
        return text;
    }
    return kind === "percent" ? `${text}%` : `${text}\u00A0${units[kind]}`;
}

/**
 * Write a figure in full, in the user's number format.
 *
 * @param {number|null} value null: nothing can be said
 * @param {{kind: string}} column
 * @param {Object|false} currency of amounts
 * @returns {string}
 */
export function formatFigure(value, column, currency) {
    if (value === null || value === undefined) {
        return "–";
    }
    if (column.kind === "amount") {
        const digits = [16, currency ? currency.decimal_places : 2];
        const text = formatFloat(Math.abs(value), { digits });
        return (value < 0 ? "-" : "") + withSymbol(text, currency);
    }
    if (column.kind === "integer") {
        return formatFloat(value, { digits: [16, 0] });
    }
    return withUnit(formatFloat(value, { digits: [16, column.kind === "float" ? 2 : 1] }), column.kind);
}

/**
 * Write a figure shortly: 1.2M, or 120万 in Chinese.
 *
 * @param {number|null} value
 * @param {{kind: string}} column
 * @param {Object|false} currency leave out to write no symbol
 * @returns {string}
 */
export function formatCompact(value, column, currency = false) {
    if (value === null || value === undefined) {
        return "–";
    }
    const text = new Intl.NumberFormat(user.lang || "en", {
        notation: "compact",
        maximumFractionDigits: Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 2,
    }).format(value);
    return column.kind === "amount" ? withSymbol(text, currency) : withUnit(text, column.kind);
}

/** Write a figure without decimals nobody needs at this size, and shortly when it is long. */
export function formatHeadline(value, column, currency) {
    const small = Math.abs(value) < 1000 && !Number.isInteger(value);
    if (column.kind !== "amount" || value === null || small) {
        return formatFigure(value, column, currency);
    }
    const full = formatFigure(Math.round(value), column, { ...currency, decimal_places: 0 });
    return full.length > LONGEST_FIGURE ? formatCompact(value, column, currency) : full;
}

/**
 * Write how a figure has changed: in percent, or in points where it is a percentage itself.
 *
 * @param {number|null} value
 * @param {number|null} before
 * @param {{kind: string}} column
 * @returns {{text: string, direction: "up"|"down"|"same"}|false} false: nothing to compare with
 */
export function formatChange(value, before, column) {
    if (value === null || before === null) {
        return false;
    }
    const points = column.kind === "percent";
    if (!points && !before) {
        return false;
    }
    const change = points ? value - before : ((value - before) / Math.abs(before)) * 100;
    const size = formatFloat(Math.abs(change), { digits: [16, 1] });
    const direction = Math.abs(change) < 0.05 ? "same" : change > 0 ? "up" : "down";
    return { text: points ? _t("%s points", size) : `${size}%`, direction };
}
