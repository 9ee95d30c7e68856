import { ImportAction } from "@base_import/import_action/import_action";
import { BaseImportModel } from "@base_import/import_model";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

const SHOWN_ITEMS = 5;
const SHOWN_FINDINGS = 50;

/**
 * Files of a known form: a test lists what there is to say about their rows, an import ends in
 * its journal. Files of customers are handed to the background, and their journal opens at once.
 * Other files keep the host's way.
 */
patch(BaseImportModel.prototype, {
    _onLoadSuccess(res) {
        super._onLoadSuccess(res);
        this.crmQueued = Boolean(res.crm_queued);
    },

    /**
     * Hand the file over to the background; false when it has to be imported here.
     */
    async enqueueCrmImport(isTest) {
        const fields = this.columns.map(({ fieldInfo }) => fieldInfo?.fieldPath || false);
        const columns = this.columns.map(({ name }) => name.trim().toLowerCase());
        return this.orm.call(
            "base_import.import",
            "crm_enqueue",
            [this.id, fields, columns, this.formattedImportOptions, isTest],
            { context: this.context }
        );
    },

    async executeImport(isTest = false, totalSteps, importProgress) {
        this.crmImport = undefined;
        const answer = await super.executeImport(isTest, totalSteps, importProgress);
        if (isTest && this.crmImport && !answer.res.hasError) {
            this._showCrmFindings();
        }
        return answer;
    },

    async _callImport(dryrun, args) {
        const answer = await super._callImport(dryrun, args);
        if (answer.crm_import) {
            this._addCrmStep(answer.crm_import);
        }
        return answer;
    },

    _addCrmStep(step) {
        const sum = this.crmImport || { findings: [] };
        for (const name of ["created", "updated", "unchanged", "refused", "adjusted"]) {
            sum[name] = (sum[name] || 0) + step[name];
        }
        sum.logId = step.log_id;
        for (const finding of step.findings || []) {
            const same = sum.findings.find(
                ({ column, reason }) => column === finding.column && reason === finding.reason
            );
            if (same) {
                same.rows.push(...finding.rows);
                same.values = [...new Set([...same.values, ...finding.values])];
            } else {
                sum.findings.push(finding);
            }
        }
        this.crmImport = sum;
    },

    _showCrmFindings() {
        const { created, updated, unchanged, refused, adjusted, findings } = this.crmImport;
        this.importMessages = [];
        this._addMessage(refused ? "warning" : "info", [
            _t(
                "%(created)s rows would be created, %(updated)s updated, %(unchanged)s are unchanged, %(refused)s would be refused; %(adjusted)s would come in with a note.",
                { created, updated, unchanged, refused, adjusted }
            ),
        ]);
        const sorted = [...findings].sort((one, other) => other.refused - one.refused);
        for (const finding of sorted.slice(0, SHOWN_FINDINGS)) {
            this._addMessage(finding.refused ? "danger" : "warning", [
                this._describeCrmFinding(finding),
            ]);
        }
        if (sorted.length > SHOWN_FINDINGS) {
            this._addMessage("info", [
                _t(
                    "%s more kinds of findings; the journal will list them all.",
                    sorted.length - SHOWN_FINDINGS
                ),
            ]);
        }
    },

    _describeCrmFinding({ column, reason, rows, values }) {
        const first = rows.slice(0, SHOWN_ITEMS).join(", ");
        const more = rows.length - SHOWN_ITEMS;
        const place =
            more > 0
                ? _t("Rows %(rows)s and %(more)s more", { rows: first, more })
                : _t("Row %(rows)s", { rows: first });
        const words = values.slice(0, SHOWN_ITEMS).map((value) => `“${value}”`);
        if (values.length > SHOWN_ITEMS) {
            words.push("…");
        }
        const cell = [column, words.join(", ")].filter(Boolean).join(" ");
        return [place, cell, reason].filter(Boolean).join(" · ");
    },
});

patch(ImportAction.prototype, {
    async handleImport(isTest = true) {
        if (this.model.crmQueued) {
            this.model.block(isTest ? _t("Looking through the file") : _t("Importing"));
            let logId;
            try {
                logId = await this.model.enqueueCrmImport(isTest);
            } finally {
                this.model.unblock();
            }
            if (logId) {
                return this.openCrmJournal(logId);
            }
        }
        await super.handleImport(isTest);
        const done = this.model.crmImport;
        if (!isTest && done?.logId && !done.created && !done.updated && !this.state.isPaused) {
            this.openCrmJournal(done.logId);
        }
    },

    openRecords(resIds) {
        const logId = this.model.crmImport?.logId;
        return logId ? this.openCrmJournal(logId) : super.openRecords(resIds);
    },

    openCrmJournal(logId) {
        return this.actionService.doAction({
            type: "ir.actions.act_window",
            name: _t("Import Journal"),
            res_model: "crm.import.log",
            res_id: logId,
            views: [[false, "form"]],
            target: "current",
        });
    },
});
