//! People.

use std::path::Path;

use beffroi_app::{AccountFacts, CardOrder, Drift, PersonFacts, PersonOrder, Reason, RowEffect, csv_line};

use crate::handlers::{offboard, plan};
use crate::wire::{
    Done, DriftRequest, DriftView, ImportEffect, ImportFault, ImportRow, MatrixAccess, MatrixAccount, MatrixHost, MatrixPermission,
    MatrixReason, MatrixRequest, Nothing, PeopleDrift, PeopleMatrix, PersonAccount, PersonAction, PersonCard, PersonChange, PersonExport,
    PersonImport, PersonImportView, PersonLink, PersonList, PersonName, PersonPlan, PersonText, PersonView, PlanView, SeenAccount,
};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `person_list`
    pub async fn person_list(&self, _: Nothing) -> Result<PersonList, ApiError> {
        Ok(PersonList { people: self.app().people().await?.into_iter().map(view).collect() })
    }

    /// `person_show`
    pub async fn person_show(&self, request: PersonName) -> Result<PersonView, ApiError> {
        Ok(view(self.app().person(&request.name).await?))
    }

    /// `person_add`
    pub async fn person_add(&self, request: PersonCard) -> Result<PersonView, ApiError> {
        let (name, order) = card(request);
        Ok(view(self.app().add_person(&name, order).await?))
    }

    /// `person_edit`
    pub async fn person_edit(&self, request: PersonCard) -> Result<PersonView, ApiError> {
        let (name, order) = card(request);
        Ok(view(self.app().edit_person(&name, order).await?))
    }

    /// `person_remove`
    pub async fn person_remove(&self, request: PersonName) -> Result<Done, ApiError> {
        self.app().remove_person(&request.name).await?;
        Ok(Done {})
    }

    /// `person_link`
    pub async fn person_link(&self, request: PersonLink) -> Result<PersonView, ApiError> {
        Ok(view(self.app().link_person(&request.name, &request.on, request.login.as_deref()).await?))
    }

    /// `person_unlink`
    pub async fn person_unlink(&self, request: PersonLink) -> Result<PersonView, ApiError> {
        Ok(view(self.app().unlink_person(&request.name, &request.on, request.login.as_deref()).await?))
    }

    /// `person_matrix`
    pub async fn person_matrix(&self, request: MatrixRequest) -> Result<PeopleMatrix, ApiError> {
        let found = self.app().people_matrix(&request.on, request.person.as_deref()).await?;
        Ok(PeopleMatrix { hosts: found.hosts.into_iter().map(host).collect() })
    }

    /// `person_drift`
    pub async fn person_drift(&self, request: DriftRequest) -> Result<PeopleDrift, ApiError> {
        Ok(PeopleDrift { drift: self.app().people_drift(&request.on).await?.into_iter().map(drift).collect() })
    }

    /// `person_accept`
    pub async fn person_accept(&self, request: PersonLink) -> Result<Done, ApiError> {
        self.app().accept_drift(&request.name, &request.on).await?;
        Ok(Done {})
    }

    /// `person_plan`
    pub async fn person_plan(&self, request: PersonPlan) -> Result<PlanView, ApiError> {
        let orders = request.changes.into_iter().map(order).collect();
        Ok(plan::view(self.app().plan_people(orders).await?))
    }

    /// `person_import`
    pub async fn person_import(&self, request: PersonImport) -> Result<PersonImportView, ApiError> {
        let PersonImport { text, on, update } = request;
        let import = self.app().import_people(beffroi_app::ImportOrder { text: text.into_secret(), on, update }).await?;
        let fault = |fault: beffroi_app::ImportFault| ImportFault { line: fault.line, column: fault.column, what: fault.what.to_owned() };
        Ok(PersonImportView {
            rows: import.rows.into_iter().map(import_row).collect(),
            faults: import.faults.into_iter().map(fault).collect(),
            plan: import.plan.map(plan::view),
        })
    }

    /// `person_export`
    pub async fn person_export(&self, request: PersonExport) -> Result<PersonText, ApiError> {
        let text = match request.what.as_str() {
            "people" => people_csv(&self.person_list(Nothing {}).await?),
            "accounts" => self.app().accounts_csv(&request.on).await?,
            "matrix" => matrix_csv(&self.person_matrix(MatrixRequest { on: request.on, person: None }).await?),
            other => return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", format!("no list {other}"))),
        };
        if let Some(path) = &request.path {
            offboard::write_new(Path::new(path), &text).await?;
        }
        Ok(PersonText { text, path: request.path })
    }
}

fn card(request: PersonCard) -> (String, CardOrder) {
    let PersonCard { name, fullname, login, mail, notes } = request;
    (name, CardOrder { fullname, login, mail, notes })
}

fn view(facts: PersonFacts) -> PersonView {
    let PersonFacts { name, login, fullname, mail, notes, created_ms, left_ms, accounts, sealed } = facts;
    PersonView { name, login, fullname, mail, notes, created_ms, left_ms, accounts: accounts.into_iter().map(account).collect(), sealed }
}

fn account(facts: AccountFacts) -> PersonAccount {
    let AccountFacts { host, stage, login, standing, seen, secret } = facts;
    let seen = seen.map(|seen| {
        let beffroi_app::SeenAccount { fullname, mail, groups, permissions, taken_ms } = seen;
        SeenAccount { fullname, mail, groups, permissions, taken_ms }
    });
    PersonAccount { host, stage, login, standing: standing.name().to_owned(), seen, secret }
}

fn host(found: beffroi_app::MatrixHost) -> MatrixHost {
    let beffroi_app::MatrixHost { host, stage, taken_ms, permissions, accounts, groups } = found;
    let permission = |found: beffroi_app::MatrixPermission| {
        let beffroi_app::MatrixPermission { name, label, visitors, all_users } = found;
        MatrixPermission { name, label, visitors, all_users }
    };
    let access =
        |found: beffroi_app::MatrixAccess| MatrixAccess { permission: found.permission, why: found.why.into_iter().map(reason).collect() };
    let account = |found: beffroi_app::MatrixAccount| {
        let beffroi_app::MatrixAccount { login, fullname, person, groups, access: accesses } = found;
        MatrixAccount { login, fullname, person, groups, access: accesses.into_iter().map(access).collect() }
    };
    let (permissions, accounts) = (permissions.into_iter().map(permission).collect(), accounts.into_iter().map(account).collect());
    MatrixHost { host, stage, taken_ms, permissions, accounts, groups }
}

fn reason(reason: Reason) -> MatrixReason {
    match reason {
        Reason::Visitors => MatrixReason::Visitors,
        Reason::AllUsers => MatrixReason::AllUsers,
        Reason::Group(name) => MatrixReason::Group { name },
        Reason::Direct => MatrixReason::Direct,
    }
}

fn drift(found: Drift) -> DriftView {
    let Drift { host, kind, login, person, what } = found;
    DriftView { host, kind: kind.name().to_owned(), login, person, what }
}

fn order(change: PersonChange) -> PersonOrder {
    let PersonChange { person, on, change } = change;
    let change = match change {
        PersonAction::Add { fullname, login, domain, mailbox_quota, groups } => {
            beffroi_app::PersonChange::Add { fullname, login, domain, mailbox_quota, groups }
        }
        PersonAction::Grant { permissions } => beffroi_app::PersonChange::Grant { permissions },
        PersonAction::Revoke { permissions } => beffroi_app::PersonChange::Revoke { permissions },
        PersonAction::Join { groups } => beffroi_app::PersonChange::Join { groups },
        PersonAction::Leave { groups } => beffroi_app::PersonChange::Leave { groups },
        PersonAction::AddKey { key } => beffroi_app::PersonChange::AddKey { key },
        PersonAction::RemoveKey { key } => beffroi_app::PersonChange::RemoveKey { key },
        PersonAction::Rotate {} => beffroi_app::PersonChange::Rotate,
        PersonAction::Offboard { purge } => beffroi_app::PersonChange::Offboard { purge },
    };
    PersonOrder { person, on, change }
}

fn import_row(row: beffroi_app::ImportRow) -> ImportRow {
    let effect = |(host, effect): (String, RowEffect)| {
        let (name, columns) = match effect {
            RowEffect::Made => ("made", Vec::new()),
            RowEffect::Changed(columns) => ("changed", columns),
            RowEffect::Left => ("left", Vec::new()),
            RowEffect::NotSurveyed => ("not-surveyed", Vec::new()),
        };
        ImportEffect { host, effect: name.to_owned(), columns: columns.into_iter().map(str::to_owned).collect() }
    };
    ImportRow { line: row.line, login: row.login, fullname: row.fullname, effects: row.effects.into_iter().map(effect).collect() }
}

fn people_csv(list: &PersonList) -> String {
    let mut text = csv_line(&["name", "login", "fullname", "mail", "host", "account", "standing", "notes"], ';');
    for person in &list.people {
        let card = [person.name.as_str(), &person.login, &person.fullname, &person.mail];
        if person.accounts.is_empty() {
            text.push_str(&csv_line(&[&card[..], &["", "", "", &person.notes]].concat(), ';'));
        }
        for account in &person.accounts {
            text.push_str(&csv_line(&[&card[..], &[&account.host, &account.login, &account.standing, &person.notes]].concat(), ';'));
        }
    }
    text
}

fn matrix_csv(matrix: &PeopleMatrix) -> String {
    let mut text = csv_line(&["host", "login", "person", "fullname", "permission", "label", "why"], ';');
    for host in &matrix.hosts {
        for account in &host.accounts {
            for access in &account.access {
                let label = host.permissions.iter().find(|known| known.name == access.permission).map_or("", |known| known.label.as_str());
                let why: Vec<String> = access.why.iter().map(why_word).collect();
                let person = account.person.as_deref().unwrap_or_default();
                let row = [&host.host, &account.login, person, &account.fullname, &access.permission, label, &why.join(", ")];
                text.push_str(&csv_line(&row, ';'));
            }
        }
    }
    text
}

/// As YunoHost calls it.
fn why_word(reason: &MatrixReason) -> String {
    match reason {
        MatrixReason::Visitors => "visitors".to_owned(),
        MatrixReason::AllUsers => "all_users".to_owned(),
        MatrixReason::Group { name } => format!("group {name}"),
        MatrixReason::Direct => "direct".to_owned(),
    }
}
