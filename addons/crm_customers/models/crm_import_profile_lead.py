from datetime import datetime, time

import pytz

from odoo import models
from odoo.tools import SQL

from ..tools.import_rows import Column, external_name, fold

# Outcomes that end an opportunity, with their probability.
CLOSED = {"won": 100, "lost": 0}


class CrmImportProfileLead(models.AbstractModel):
    """Opportunities with their history: one a row, known again by its number.

    Won rows become won and lost rows lost opportunities on the day the file says; open ones
    stand in the stage that their word means (`crm.import.stage`). The row says what is true:
    importing a changed row changes the opportunity, empty cells leave a field as it is.
    """

    _name = "crm.import.profile.lead"
    _inherit = "crm.import.profile"
    _description = "Opportunities"

    _import_model = "crm.lead"
    _import_key = "opportunity_id"
    _import_template = "/crm_customers/static/import/opportunities.csv"

    def _get_import_columns(self):
        return (
            Column(
                "opportunity_id",
                "id",
                required=True,
                identifies=True,
                aliases=("商机编号", "商机号"),
            ),
            Column("sales_agent", "user_id", aliases=("销售员", "销售代表")),
            Column("account", "partner_id", aliases=("客户", "客户名称")),
            Column(
                "deal_stage",
                "stage_id",
                required=True,
                identifies=True,
                aliases=("阶段", "商机阶段"),
            ),
            Column("engage_date", "date_open", kind="date", aliases=("接洽日期", "开始日期")),
            Column("close_date", "date_closed", kind="date", aliases=("关闭日期", "结束日期")),
            Column("close_value", "expected_revenue", kind="amount", aliases=("成交金额", "金额")),
        )

    # ------------------------------------------------------------
    # Meaning
    # ------------------------------------------------------------

    def _resolve_rows(self, sheet):
        rows = sheet.good
        colleagues = [("share", "=", False), ("company_ids", "in", self.env.company.ids)]
        users = self._index_names("res.users", colleagues, sheet.words("sales_agent", rows))
        customers = self._index_customers(sheet.words("account", rows))
        stages = self._get_stages(sheet.words("deal_stage", rows))
        for row in rows:
            row.values["user_id"] = self._match(row, "sales_agent", users, "unknown_user")
            row.values["partner_id"] = self._match(row, "account", customers, "unknown_customer")
            self._resolve_stage(row, stages)
        self._resolve_teams(rows)

    def _index_customers(self, words):
        """Return a ``NameIndex`` of customers; an imported account goes before its namesakes."""
        index = self._index_names("res.partner", [("parent_id", "=", False)], words)
        index.join(self._index_names("res.partner", [("is_company", "=", True)], words))
        names = {external_name("partner", word): word for word in words}
        for name, partner_id in self._known_ids("res.partner", names).items():
            index.settle(names[name], partner_id)
        return index

    def _get_stages(self, words):
        """Return ``{folded word: (outcome, stage id, lost reason id)}``, or a code instead.

        A word means what `crm.import.stage` says, else the pipeline's stage of that name. The
        stage of an open outcome is made when there is none yet.
        """
        meanings = self.env["crm.import.stage"].search([])  # pylint: disable=no-search-all
        meanings = {fold(meaning.name): meaning for meaning in meanings}
        pipeline = self.env["crm.stage"].search([])  # pylint: disable=no-search-all
        by_id = {stage.id: stage for stage in pipeline}
        by_name = self._index_names("crm.stage", [], words)
        stages, missing = {}, []
        for word in words:
            stage = by_id.get(by_name.match(word)[0], self.env["crm.stage"])
            meaning = meanings.get(fold(word))
            if meaning:
                stage = self._get_meant_stage(meaning, stage, pipeline)
                stages[fold(word)] = (meaning.outcome, stage.id, meaning.lost_reason_id.id)
                if not stage:
                    missing.append(meaning)
            else:
                outcome = "won" if stage.is_won else "open"
                stages[fold(word)] = (outcome, stage.id, False) if stage else "unknown_stage"
        return stages | self._make_stages(missing)

    def _get_meant_stage(self, meaning, namesake, pipeline):
        """Return the stage that a word means; an empty one when there is none.

        :param meaning: the word's `crm.import.stage`
        :param namesake: the pipeline's stage of that name, if any
        """
        if meaning.stage_id or meaning.outcome == "open":
            return meaning.stage_id or namesake
        fitting = pipeline.filtered(lambda stage: stage.is_won == (meaning.outcome == "won"))
        return (fitting.filtered(lambda stage: not stage.team_ids) or fitting)[:1]

    def _make_stages(self, meanings):
        """Make the stages that words for open outcomes lack, where the user may.

        :param meanings: the `crm.import.stage` of words that have no stage
        """
        stages = {fold(meaning.name): "no_stage" for meaning in meanings}
        meanings = [meaning for meaning in meanings if meaning.outcome == "open"]
        if meanings and self.env["crm.stage"].has_access("create"):
            made = self.env["crm.stage"].create(
                [{"name": meaning.name, "sequence": meaning.sequence} for meaning in meanings]
            )
            for meaning, stage in zip(meanings, made, strict=True):
                stages[fold(meaning.name)] = ("open", stage.id, False)
        return stages

    def _resolve_stage(self, row, stages):
        """Say what the row's stage means and check that the other columns agree with it."""
        meaning = stages.get(fold(row.values["deal_stage"]))
        if isinstance(meaning, str):
            row.refuse(meaning, "deal_stage")
            return
        row.values["outcome"], row.values["stage_id"], row.values["lost_reason_id"] = meaning
        engaged, closed = row.values.get("engage_date"), row.values.get("close_date")
        if meaning[0] in CLOSED and not closed:
            row.refuse("close_missing", "close_date")
        elif engaged and closed and closed < engaged:
            row.refuse("dates_order", "close_date")
        if meaning[0] == "won" and row.values.get("close_value") is None:
            row.adjust("amount_missing", "close_value")

    def _resolve_teams(self, rows):
        """Note the team of each salesperson: the one he is a member of, else one he leads."""
        users = {row.values["user_id"] for row in rows} - {None}
        teams = {
            team.user_id.id: team.id
            for team in self.env["crm.team"].search([("user_id", "in", list(users))])[::-1]
        }
        members = self.env["crm.team.member"].search([("user_id", "in", list(users))])
        teams |= {member.user_id.id: member.crm_team_id.id for member in members[::-1]}
        for row in rows:
            row.values["team_id"] = teams.get(row.values["user_id"], False)

    # ------------------------------------------------------------
    # Records
    # ------------------------------------------------------------

    def _save_rows(self, sheet):
        entries = [
            self._make_entry(
                row,
                "crm.lead",
                self._external_name(row),
                self._prepare_values(row),
                self._prepare_first_values(row),
            )
            for row in sheet.good
        ]
        self._prepare_changes(entries)
        self._save_entries("crm.lead", entries)
        self._settle(entries)
        self._backdate([entry for entry in entries if entry.outcome == "created"])
        self._restore_dates([entry for entry in entries if entry.outcome == "updated"])

    def _external_name(self, row):
        """The external name of a row's opportunity; numbers count within their company."""
        return external_name("lead", self.env.company.id, row.values["opportunity_id"])

    def _prepare_values(self, row):
        """Return the field values that the row says and that hold from now on."""
        values = {}
        for name in ("user_id", "partner_id"):
            if row.values[name]:
                values[name] = row.values[name]
        if row.values.get("close_value") is not None:
            values["expected_revenue"] = row.values["close_value"]
        outcome = row.values["outcome"]
        values["active"] = outcome != "lost"
        values["lost_reason_id"] = row.values["lost_reason_id"]
        if outcome != "lost":
            values["stage_id"] = row.values["stage_id"]
        if outcome in CLOSED:
            values["probability"] = CLOSED[outcome]
        elif row.values.get("close_date"):
            values["date_deadline"] = row.values["close_date"]
        return values | self._prepare_dates(row)

    def _prepare_dates(self, row):
        """Return the days of the file as moments: noon where the company works.

        Noon is the same day for readers in any time zone near the company's.
        """
        values = {}
        if row.values.get("engage_date"):
            values["date_open"] = self._noon(row.values["engage_date"])
        if row.values["outcome"] in CLOSED:
            values["date_closed"] = self._noon(row.values["close_date"])
        return values

    def _noon(self, day):
        """Return noon of a day in the company's working time zone, as naive UTC."""
        zone = pytz.timezone(self.env.company.resource_calendar_id.tz or self.env.user.tz or "UTC")
        local = zone.localize(datetime.combine(day, time(12)))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _prepare_first_values(self, row):
        """Return further values of an opportunity that does not exist yet."""
        dates = self._prepare_dates(row)
        values = {
            "type": "opportunity",
            "name": self._prepare_name(row),
            "company_id": self.env.company.id,
            "user_id": row.values["user_id"] or False,
            "team_id": row.values["team_id"],
            "stage_id": row.values["stage_id"],
        }
        moved = dates.get("date_closed") or dates.get("date_open")
        if moved:
            values["date_last_stage_update"] = moved
        if row.values["outcome"] in CLOSED:
            values["automated_probability"] = CLOSED[row.values["outcome"]]
        return values

    def _prepare_name(self, row):
        """Return the title of a new opportunity."""
        parts = [row.values.get("account"), row.values["opportunity_id"]]
        return " · ".join(filter(None, parts))

    def _prepare_changes(self, entries):
        """Make ready the opportunities that the file says other things of than before.

        A lost one that is open again must be restored first; a won one that is lost must leave
        the won stage; who changes the salesperson changes the team.
        """
        known = self._known_ids("crm.lead", [entry.name for entry in entries])
        leads = self.env["crm.lead"].browse(known.values())._filtered_access("write")
        by_id = {lead.id: lead for lead in leads}
        known_leads = [
            (entry, by_id[known[entry.name]]) for entry in entries if known.get(entry.name) in by_id
        ]
        self.env["crm.lead"].concat(
            *(
                lead
                for entry, lead in known_leads
                if lead.won_status == "lost" and entry.row.values["outcome"] != "lost"
            )
        ).action_restore()
        for entry, lead in known_leads:
            self._prepare_change(entry, lead)

    def _prepare_change(self, entry, lead):
        """Complete what an entry says of an opportunity that exists."""
        row, outcome = entry.row, entry.row.values["outcome"]
        if outcome in CLOSED and outcome != lead.won_status:
            entry.values["automated_probability"] = CLOSED[outcome]
        if outcome == "lost" and lead.stage_id.is_won:
            entry.values["stage_id"] = row.values["stage_id"]
        if row.values["user_id"] and row.values["user_id"] != lead.user_id.id:
            entry.values["team_id"] = row.values["team_id"]

    def _backdate(self, entries):
        """Let new opportunities exist since they were engaged, not since the import.

        The host counts the days to close, and sorts its own reports, by the creation date.
        """
        leads = self.env["crm.lead"].browse(
            [entry.record_id for entry in entries if entry.row.values.get("engage_date")]
        )
        if not leads:
            return
        leads.flush_recordset(["date_open"])
        self.env.cr.execute(
            SQL("UPDATE crm_lead SET create_date = date_open WHERE id IN %s", tuple(leads.ids))
        )
        leads.invalidate_recordset(["create_date"], flush=False)
        for name in ("day_open", "day_close"):
            self.env.add_to_compute(leads._fields[name], leads)

    def _restore_dates(self, entries):
        """Write the dates of changed opportunities again: the host stamps changes with now."""
        data = [
            {"values": {"id": entry.record_id, **self._prepare_dates(entry.row)}}
            for entry in entries
        ]
        self.env["crm.lead"]._load_records(data)

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "unknown_user": self.env._(
                "No such user in this company; import the sales teams first or create the user."
            ),
            "unknown_customer": self.env._(
                "No such customer; import the accounts first or create it."
            ),
            "unknown_stage": self.env._(
                "No such stage. Say what the word means under Configuration, Imported Stages."
            ),
            "no_stage": self.env._(
                "The pipeline has no stage for this; a sales manager must add one."
            ),
            "close_missing": self.env._("A won or lost opportunity needs the day it was closed."),
            "dates_order": self.env._("Closed before it was engaged; check the two dates."),
            "amount_missing": self.env._(
                "Won without an amount; the amount is left as it is, 0 at first."
            ),
        }
