from odoo import Command, models

from ..tools.import_rows import Column, Entry, external_name, free_login

SALESPEOPLE = [("share", "=", False)]
PEOPLE = ("manager", "sales_agent")


class CrmImportProfileTeam(models.AbstractModel):
    """Sales teams: one salesperson a row, with the manager and the office.

    Every manager leads a team under the office; the salesperson becomes its member. People who
    are not users yet become internal users when an administrator imports the file: without
    password and e-mail address, so nobody is written to and nobody can log in before the
    administrator invites them.
    """

    _name = "crm.import.profile.team"
    _inherit = "crm.import.profile"
    _description = "Sales Teams"

    _import_model = "crm.team"
    _import_key = "sales_agent"
    _import_template = "/crm_customers/static/import/sales_teams.csv"

    def _get_import_columns(self):
        return (
            Column(
                "sales_agent",
                "member_ids",
                required=True,
                identifies=True,
                aliases=("销售员", "销售代表"),
            ),
            Column(
                "manager", "user_id", required=True, identifies=True, aliases=("经理", "销售经理")
            ),
            Column("regional_office", "parent_id", aliases=("区域", "大区", "办事处")),
        )

    def _resolve_rows(self, sheet):
        rows = sheet.good
        words = [*sheet.words("manager", rows), *sheet.words("sales_agent", rows)]
        words = list(dict.fromkeys(words))
        users = self._index_names("res.users", SALESPEOPLE, words)
        new = [word for word in words if users.match(word)[1] == "unknown"]
        archived = self._index_names("res.users", [*SALESPEOPLE, ("active", "=", False)], new)
        new = [word for word in new if archived.match(word)[1] == "unknown"]
        made = self._create_users(new) if self.env["res.users"].has_access("create") else {}
        for name, user_id in made.items():
            users.add(user_id, name)
        for row in rows:
            for column in PEOPLE:
                name = row.values[column]
                known_before = archived.match(name)[1] == "unknown"
                unknown = "unknown_user" if known_before else "archived_user"
                row.values[f"{column}_id"] = self._match(row, column, users, unknown)
                if made.pop(name, None):
                    row.adjust("new_user", column)

    def _create_users(self, names):
        """Create internal users who may sell but cannot log in yet; return ``{name: id}``."""
        if not names:
            return {}
        groups = [self.env.ref("base.group_user"), self.env.ref("sales_team.group_sale_salesman")]
        everyone = self.env["res.users"].with_context(active_test=False).search_fetch([], ["login"])
        taken = set(everyone.mapped("login"))
        values = []
        for name in names:
            login = free_login(name, taken)
            taken.add(login)
            values.append(
                {"name": name, "login": login, "group_ids": [Command.set([g.id for g in groups])]}
            )
        users = self.env["res.users"].with_context(no_reset_password=True).create(values)
        return dict(zip(names, users.ids, strict=True))

    def _save_rows(self, sheet):
        self._save_teams(sheet.good, self._save_offices(sheet.good))
        self._save_members(sheet.good)

    def _save_offices(self, rows):
        """Create the offices; return ``{office: team id}``."""
        first = {}
        for row in rows:
            first.setdefault(row.values.get("regional_office"), row)
        first.pop(None, None)
        existing = self._index_names("crm.team", [], first)
        entries = {}
        for office, row in first.items():
            team_id, how = existing.match(office)
            entries[office] = Entry(
                row,
                external_name("team", office),
                {},
                {"name": office},
                record_id=team_id if how == "exact" else None,
            )
        self._save_entries("crm.team", list(entries.values()))
        return {office: entry.record_id for office, entry in entries.items()}

    def _save_teams(self, rows, offices):
        """Create a team for each manager under the office, or take over the one he leads."""
        first = {}
        for row in rows:
            first.setdefault((row.values.get("regional_office"), row.values["manager_id"]), row)
        managers = [manager_id for _office, manager_id in first]
        teams = self.env["crm.team"].search([("user_id", "in", managers)]).grouped("user_id")
        led = {user.id: led for user, led in teams.items() if managers.count(user.id) == 1}
        entries = {}
        for (office, manager_id), row in first.items():
            values = {"user_id": manager_id}
            if office:
                values["parent_id"] = offices[office]
            entries[office, manager_id] = self._make_entry(
                row,
                "crm.team",
                external_name("team", office, row.values["manager"]),
                values,
                {"name": row.values["manager"]},
                record_id=led[manager_id].id if len(led.get(manager_id, ())) == 1 else None,
            )
        self._save_entries("crm.team", list(entries.values()))
        for row in rows:
            entry = entries[row.values.get("regional_office"), row.values["manager_id"]]
            if not entry.record_id and not row.refused:
                row.refuse("no_team", "manager")
            row.record_id = entry.record_id
            row.outcome = "updated" if entry.outcome == "updated" else "unchanged"

    def _save_members(self, rows):
        """Make each salesperson a member of his team; the host takes him out of others."""
        agents = [row.values["sales_agent_id"] for row in rows]
        members = self.env["crm.team.member"].search([("user_id", "in", agents)])
        teams = {user.id: rows.crm_team_id.ids for user, rows in members.grouped("user_id").items()}
        values = []
        for row in rows:
            agent_id = row.values["sales_agent_id"]
            if row.record_id not in teams.get(agent_id, ()):
                row.outcome = "updated" if agent_id in teams else "created"
                values.append({"crm_team_id": row.record_id, "user_id": agent_id})
        self.env["crm.team.member"].create(values)

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "unknown_user": self.env._(
                "No such user. Ask an administrator to import the teams, or to create the user."
            ),
            "no_team": self.env._(
                "The manager's team could not be made; see the other rows of the team."
            ),
            "archived_user": self.env._("This user is archived; restore the user first."),
            "new_user": self.env._(
                "No user has this name: a new one is made, without password and e-mail address, to"
                " be completed and invited."
            ),
        }
