//! Stages: protecting, unsealing and sealing them, their secrets, what is asked of those who act there.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use beffroi_desk::clock::boot_time;
use beffroi_domain::{CompartmentId, HostId, StageName, StagePolicy};
use beffroi_secret::SecretText;
use beffroi_store::table::compartment::CompartmentRow;
use beffroi_store::table::policy::PolicyRow;
use beffroi_vault::{
    KdfCost, LEAST_STAGE_SECRET_BITS, Loaded, OpenVault, Place, RewrapError, StageSecretError, estimate_bits, make_stage_secret,
};

use crate::error::named;
use crate::session::{Happening, Session, Standing, Target, check_compartment, compartment_row};
use crate::{App, AppError, Change, now_ms};

/// A stage of an open vault.
#[derive(Debug, Clone)]
pub struct StageFacts {
    /// Its name.
    pub name: String,
    /// Whether it has a secret of its own.
    pub protected: bool,
    /// Whether it can be acted on.
    pub open: bool,
    /// Until it seals itself.
    pub left: Option<Duration>,
    /// What is asked of those who act on it.
    pub policy: StagePolicy,
    /// Hosts in it.
    pub hosts: usize,
    /// Secrets in it.
    pub secrets: usize,
}

/// A stage as an open vault holds it.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) name: StageName,
    pub(crate) compartment: CompartmentId,
    wrapped: Vec<u8>,
    revision: u64,
    pub(crate) protected: bool,
    /// Authentic while the stage is open; before, that of a new stage.
    pub(crate) policy: StagePolicy,
    /// 0 when none is stored.
    policy_revision: u64,
    /// When it seals itself, on the boot clock; nothing while it is sealed, or when it has no secret.
    until: Option<Duration>,
}

impl Stage {
    /// A stage as it is stored. One with a secret is sealed.
    pub(crate) fn stored(name: StageName, row: &CompartmentRow, protected: bool) -> Self {
        Self {
            policy: StagePolicy::of_new(&name),
            name,
            compartment: row.id,
            wrapped: row.wrapped.clone(),
            revision: row.revision,
            protected,
            policy_revision: 0,
            until: None,
        }
    }

    /// Whether a policy is stored for it.
    pub(crate) fn has_policy(&self) -> bool {
        self.policy_revision > 0
    }

    pub(crate) fn policy_revision(&self) -> u64 {
        self.policy_revision
    }

    fn left(&self) -> Option<Duration> {
        self.until.and_then(|until| until.checked_sub(boot_time())).filter(|left| !left.is_zero())
    }

    fn is_open(&self) -> bool {
        !self.protected || self.left().is_some()
    }
}

/// The stages of an open vault.
#[derive(Default)]
pub(crate) struct Stages(RwLock<Vec<Stage>>);

impl Stages {
    pub(crate) fn new(stages: Vec<Stage>) -> Self {
        Self(RwLock::new(stages))
    }

    pub(crate) fn all(&self) -> Vec<Stage> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn find(&self, is: impl Fn(&Stage) -> bool) -> Option<Stage> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().find(|stage| is(stage)).cloned()
    }

    /// Puts a stage in the place of the one of its name, or behind the others.
    fn put(&self, stage: Stage) {
        let mut stages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match stages.iter_mut().find(|other| other.name == stage.name) {
            Some(place) => *place = stage,
            None => stages.push(stage),
        }
    }
}

/// How often an open vault looks whether a stage's time is over. What is asked of a stage in between looks by itself.
const TICK: Duration = Duration::from_millis(500);
/// The event of a stage whose time was over.
const SEALED_ITSELF: &str = "stage-sealed-itself";

impl App {
    /// The stages, dev first.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn stages(&self) -> Result<Vec<StageFacts>, AppError> {
        self.session()?.blocking(Session::all_stage_facts).await
    }

    /// Adds a stage. It is open like dev until it is protected.
    ///
    /// # Errors
    /// For a name that is none or is taken.
    pub async fn add_stage(&self, name: &str) -> Result<StageFacts, AppError> {
        let name: StageName = named("stage", name)?;
        self.change_stages(move |session| {
            if session.stage(&name).is_ok() {
                return Err(AppError::StageExists { name: name.to_string() });
            }
            let made = session.vault.make_compartment(&name)?;
            let row = compartment_row(&session.vault, made.id, &name, made.wrapped, 1)?;
            session.commit(Happening::new("stage-added").with("stage", &name), |writer| Ok(writer.insert_compartment(&row)?))?;
            session.stages.put(Stage::stored(name.clone(), &row, false));
            Ok(name)
        })
        .await
    }

    /// Gives a stage a secret of its own: everything in it is sealed anew under a new key. Gives the secret that was made
    /// when none was chosen. The stage is unsealed afterwards.
    ///
    /// # Errors
    /// For dev, a stage that has a secret, a secret that is weak or used elsewhere.
    pub async fn protect_stage(&self, stage: &str, secret: Option<SecretText>) -> Result<(StageFacts, Option<SecretText>), AppError> {
        let name: StageName = named("stage", stage)?;
        let (secret, made) = chosen_or_made(secret)?;
        let facts = self
            .change_stages(move |session| {
                let stage = session.stage(&name)?;
                if name == StageName::dev() {
                    return Err(AppError::StageNotProtectable);
                }
                if stage.protected {
                    return Err(AppError::StageProtected { name: name.to_string() });
                }
                session.refuse_shared(&secret, None)?;
                let made = session.vault.make_protected_compartment(&name, &secret, KdfCost::calibrated())?;
                session.move_stage(&stage, made, "stage-protected")?;
                Ok(name)
            })
            .await?;
        Ok((facts, made))
    }

    /// Unseals a stage for a while.
    ///
    /// # Errors
    /// [`AppError::WrongStageSecret`], [`AppError::StageNotProtected`], or a time above 8 hours.
    pub async fn unseal_stage(&self, stage: &str, secret: SecretText, seconds: Option<u64>) -> Result<StageFacts, AppError> {
        let name: StageName = named("stage", stage)?;
        if seconds.is_some_and(|seconds| seconds == 0 || seconds > StagePolicy::MOST_UNSEALED_S) {
            return Err(AppError::InvalidRequest { what: "a stage is unsealed for at least a second and at most 8 hours" });
        }
        self.change_stages(move |session| {
            let stage = session.stage(&name)?;
            let mut stage = session.with_secret(&stage, &secret, || session.with_policy(stage.clone()))?;
            let seconds = seconds.unwrap_or(stage.policy.unsealed_s);
            stage.until = Some(boot_time() + Duration::from_secs(seconds));
            session.stages.put(stage.clone());
            if session.behind.is_none() {
                session.commit(Happening::new("stage-unsealed").with("stage", &name).with("seconds", seconds), |_| Ok(()))?;
                session.report_forged(&stage)?;
            }
            Ok(name)
        })
        .await
    }

    /// Seals a stage: its key is wiped, its connections are closed, jobs go on at their hosts.
    ///
    /// # Errors
    /// [`AppError::StageNotFound`], [`AppError::StageNotProtected`].
    pub async fn seal_stage(&self, stage: &str) -> Result<StageFacts, AppError> {
        let session = self.session()?;
        let stage = session.stage(&named("stage", stage)?)?;
        if !stage.protected {
            return Err(AppError::StageNotProtected { name: stage.name.to_string() });
        }
        session.seal_now(&stage, "stage-sealed").await?;
        self.stage_facts(stage.name).await
    }

    /// Gives a stage another secret. Gives the one that was made when none was chosen.
    ///
    /// # Errors
    /// As [`App::protect_stage`] and [`App::unseal_stage`].
    pub async fn change_stage_secret(
        &self,
        stage: &str,
        old: SecretText,
        new: Option<SecretText>,
    ) -> Result<(StageFacts, Option<SecretText>), AppError> {
        let name: StageName = named("stage", stage)?;
        let (new, made) = chosen_or_made(new)?;
        let facts = self
            .change_stages(move |session| {
                let stage = session.protected_stage(&name)?;
                let row = session.with_secret(&stage, &old, || {
                    session.refuse_shared(&new, Some(stage.compartment))?;
                    let cost = KdfCost::calibrated();
                    let wrapped =
                        session.vault.rewrap_compartment(stage.compartment, &name, &stage.wrapped, &old, &new, cost).map_err(|error| {
                            match error {
                                RewrapError::Old(error) => stage_secret(&name, error),
                                RewrapError::New(error) => error.into(),
                            }
                        })?;
                    let row = compartment_row(&session.vault, stage.compartment, &name, wrapped, stage.revision + 1)?;
                    let happening = Happening::new("stage-secret-changed").with("stage", &name);
                    session.commit(happening, |writer| Ok(writer.update_compartment(&row)?))?;
                    Ok(row)
                })?;
                if !stage.is_open() {
                    session.vault.seal_compartment(stage.compartment);
                }
                session.stages.put(Stage { wrapped: row.wrapped, revision: row.revision, ..stage });
                Ok(name)
            })
            .await?;
        Ok((facts, made))
    }

    /// Gives a stage a new key under the same secret, and seals everything in it anew. It is unsealed afterwards.
    ///
    /// # Errors
    /// As [`App::unseal_stage`].
    pub async fn rekey_stage(&self, stage: &str, secret: SecretText) -> Result<StageFacts, AppError> {
        let name: StageName = named("stage", stage)?;
        self.change_stages(move |session| {
            let stage = session.protected_stage(&name)?;
            session.with_secret(&stage, &secret, || {
                let made = session.vault.make_protected_compartment(&name, &secret, KdfCost::calibrated())?;
                session.move_stage(&stage, made, "stage-rekeyed")
            })?;
            Ok(name)
        })
        .await
    }

    /// Sets what is asked of those who act on a stage.
    ///
    /// # Errors
    /// [`AppError::StageSealed`], or for a policy outside its limits.
    pub async fn set_stage_policy(&self, stage: &str, policy: StagePolicy) -> Result<StageFacts, AppError> {
        let name: StageName = named("stage", stage)?;
        if !policy.is_sound() {
            return Err(AppError::InvalidRequest {
                what: "a policy's times: unsealed for 1 minute to 8 hours, a freeze that ends after it begins",
            });
        }
        self.change_stages(move |session| {
            let stage = session.open_stage(&name)?;
            let revision = stage.policy_revision + 1;
            let row = session.policy_row(&stage, &policy, revision)?;
            session.commit(Happening::new("stage-policy").with("stage", &name), |writer| {
                Ok(if revision == 1 { writer.insert_policy(&row) } else { writer.update_policy(&row) }?)
            })?;
            session.stages.put(Stage { policy: policy.clone(), policy_revision: revision, ..stage });
            Ok(name)
        })
        .await
    }

    async fn change_stages(
        &self,
        work: impl FnOnce(&Session) -> Result<StageName, AppError> + Send + 'static,
    ) -> Result<StageFacts, AppError> {
        let session = self.session()?;
        let name = session
            .blocking(|session| {
                let _one_at_a_time = session.changing.lock().unwrap_or_else(PoisonError::into_inner);
                work(session)
            })
            .await?;
        self.remember_protected(&session)?;
        session.listener.heard(Change::Stages);
        session.listener.heard(Change::Hosts);
        self.stage_facts(name).await
    }

    async fn stage_facts(&self, name: StageName) -> Result<StageFacts, AppError> {
        let found = self.stages().await?.into_iter().find(|facts| facts.name == name.as_str());
        found.ok_or_else(|| AppError::StageNotFound { name: name.to_string() })
    }
}

impl Session {
    /// A stage, open or not.
    pub(crate) fn stage(&self, name: &StageName) -> Result<Stage, AppError> {
        self.stages.find(|stage| stage.name == *name).ok_or_else(|| AppError::StageNotFound { name: name.to_string() })
    }

    /// A stage that can be acted on now. One whose time is over loses its key here.
    pub(crate) fn open_stage(&self, name: &StageName) -> Result<Stage, AppError> {
        let stage = self.stage(name)?;
        if self.is_open(stage.compartment) { Ok(stage) } else { Err(AppError::StageSealed { name: name.to_string() }) }
    }

    fn protected_stage(&self, name: &StageName) -> Result<Stage, AppError> {
        let stage = self.stage(name)?;
        if stage.protected { Ok(stage) } else { Err(AppError::StageNotProtected { name: name.to_string() }) }
    }

    /// Whether what is sealed under a compartment can be opened now. One whose time is over loses its key here.
    pub(crate) fn is_open(&self, compartment: CompartmentId) -> bool {
        let Some(stage) = self.stages.find(|stage| stage.compartment == compartment) else {
            return false;
        };
        // Without a deadline it is sealed; should its key be loaded then, a change of the stage is under way.
        if stage.until.is_some() && !stage.is_open() {
            self.vault.seal_compartment(compartment);
        }
        stage.is_open() && self.vault.is_open(compartment)
    }

    /// The error for what is sealed under a compartment.
    pub(crate) fn sealed(&self, compartment: CompartmentId) -> AppError {
        let name = self.stages.find(|stage| stage.compartment == compartment).map(|stage| stage.name.to_string());
        AppError::StageSealed { name: name.unwrap_or_default() }
    }

    /// Works with the key of a stage, opened by its secret. When that fails, a stage that was sealed is sealed again.
    fn with_secret<T>(&self, stage: &Stage, secret: &SecretText, work: impl FnOnce() -> Result<T, AppError>) -> Result<T, AppError> {
        self.unseal_with(stage, secret).and_then(|()| work()).inspect_err(|_| {
            if !stage.is_open() {
                self.vault.seal_compartment(stage.compartment);
            }
        })
    }

    /// Opens a stage's key with its secret, and authenticates what is stored of the stage itself.
    fn unseal_with(&self, stage: &Stage, secret: &SecretText) -> Result<(), AppError> {
        if !stage.protected {
            return Err(AppError::StageNotProtected { name: stage.name.to_string() });
        }
        self.vault
            .unseal_compartment(stage.compartment, &stage.name, &stage.wrapped, secret)
            .map_err(|error| stage_secret(&stage.name, error))?;
        let rows = self.catalog.read(|reader| reader.compartments())?;
        let row = rows.iter().find(|row| row.id == stage.compartment);
        check_compartment(&self.vault, row.ok_or_else(|| AppError::damaged("the stages"))?)
    }

    /// A stage with its stored policy. Its key must be loaded.
    pub(crate) fn with_policy(&self, stage: Stage) -> Result<Stage, AppError> {
        let Some(row) = self.catalog.read(|reader| reader.policy(stage.compartment))? else {
            // One that is protected always has a policy: else taking the row away would lift a freeze.
            return if stage.protected { Err(AppError::damaged(format!("the policy of stage {}", stage.name))) } else { Ok(stage) };
        };
        let broken = || AppError::damaged(format!("the policy of stage {}", stage.name));
        self.vault.check_row(&policy_place(stage.compartment, row.revision), &row.record, &row.mac).map_err(|_| broken())?;
        let policy = StagePolicy::from_canonical(&row.record).map_err(|_| broken())?;
        Ok(Stage { policy, policy_revision: row.revision, ..stage })
    }

    fn policy_row(&self, stage: &Stage, policy: &StagePolicy, revision: u64) -> Result<PolicyRow, AppError> {
        policy_row(&self.vault, stage.compartment, policy, revision)
    }

    /// Puts everything of a stage under a compartment that was just made, in one transaction.
    fn move_stage(&self, stage: &Stage, made: beffroi_vault::NewCompartment, event: &'static str) -> Result<(), AppError> {
        let stage = self.with_policy(stage.clone())?;
        let row = compartment_row(&self.vault, made.id, &stage.name, made.wrapped, stage.revision + 1)?;
        let happening = Happening::new(event).with("stage", &stage.name);
        let moved =
            self.commit(happening, |writer| self.move_to(writer, &stage, &row)).inspect_err(|_| self.vault.seal_compartment(made.id))?;
        tracing::info!(stage = %stage.name, moved, "everything of the stage was sealed anew");
        self.vault.seal_compartment(stage.compartment);
        let until = Some(boot_time() + Duration::from_secs(stage.policy.unsealed_s));
        let policy_revision = stage.policy_revision.max(1);
        self.stages.put(Stage {
            policy_revision,
            compartment: made.id,
            wrapped: row.wrapped,
            revision: row.revision,
            protected: true,
            until,
            ..stage
        });
        // What was there under the old key stays readable in the write-ahead log until it is emptied, and in the copy that a
        // migration made.
        self.forget_migration_copies();
        Ok(self.catalog.empty_log()?)
    }

    /// A stage's secret must not open another stage, nor the vault: who knows one would know both.
    pub(crate) fn refuse_shared(&self, secret: &SecretText, but: Option<CompartmentId>) -> Result<(), AppError> {
        if self.vault.opens_a_slot(secret)? {
            return Err(AppError::StageSecretShared { with: self.name.clone() });
        }
        self.refuse_stage_secret(secret, but)
    }

    /// A secret must not be that of a stage.
    pub(crate) fn refuse_stage_secret(&self, secret: &SecretText, but: Option<CompartmentId>) -> Result<(), AppError> {
        let others = self.stages.all().into_iter().filter(|stage| stage.protected && Some(stage.compartment) != but);
        for stage in others {
            let opens = self.vault.tries_compartment(stage.compartment, &stage.name, &stage.wrapped, secret);
            if opens.map_err(|error| stage_secret(&stage.name, error))? {
                return Err(AppError::StageSecretShared { with: stage.name.to_string() });
            }
        }
        Ok(())
    }

    /// Seals a stage now. Journalled under `event` unless it was sealed already. One whose time was over stays open when it was
    /// unsealed anew before it was its turn.
    pub(crate) async fn seal_now(self: &Arc<Self>, stage: &Stage, event: &'static str) -> Result<(), AppError> {
        let name = stage.name.clone();
        let compartment = stage.compartment;
        let sealed = self
            .blocking(move |session| {
                let _one_at_a_time = session.changing.lock().unwrap_or_else(PoisonError::into_inner);
                let stage = session.stage(&name)?;
                if event == SEALED_ITSELF && stage.is_open() {
                    return Ok(None);
                }
                let was_open = stage.until.is_some();
                session.vault.seal_compartment(stage.compartment);
                session.vault.seal_compartment(compartment);
                session.index.forget();
                session.stages.put(Stage { until: None, ..stage });
                if was_open && session.behind.is_none() {
                    session.commit(Happening::new(event).with("stage", &name), |_| Ok(()))?;
                }
                let rows = session.catalog.read(|reader| reader.targets())?;
                let mut hosts: HashSet<HostId> = rows.iter().filter(|row| row.compartment == compartment).map(|row| row.id).collect();
                // Guests of another stage have a connection of their own, which was made with what this stage has.
                // A record that cannot be read keeps nothing open.
                let records = rows.iter().filter_map(|row| session.read_target(row).ok()).map(|target| target.record);
                let guests: Vec<_> = records.filter(|record| record.guest().is_some()).collect();
                while let Some(guest) =
                    guests.iter().find(|guest| !hosts.contains(&guest.host) && guest.access.jump.is_some_and(|host| hosts.contains(&host)))
                {
                    hosts.insert(guest.host);
                }
                let jobs = session.jobs_followed_in(compartment)?;
                Ok(Some((hosts, jobs)))
            })
            .await?;
        let Some((hosts, jobs)) = sealed else { return Ok(()) };
        for job in jobs {
            job.leave();
        }
        self.terminals.end_sealed(&stage.name, &hosts).await;
        self.tunnels.end_sealed(&stage.name, &hosts).await;
        self.ends.end_sealed(&stage.name, &hosts).await;
        for host in hosts {
            self.connections.close(host).await;
        }
        self.listener.heard(Change::Stages);
        self.listener.heard(Change::Hosts);
        Ok(())
    }

    /// Seals stages whose time is over, for as long as the vault is open.
    pub(crate) fn watch_deadlines(self: &Arc<Self>) {
        let session: Weak<Self> = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(TICK).await;
                let Some(session) = session.upgrade() else { return };
                for stage in session.stages.all().into_iter().filter(|stage| stage.until.is_some() && !stage.is_open()) {
                    if let Err(error) = session.seal_now(&stage, SEALED_ITSELF).await {
                        tracing::warn!(stage = %stage.name, %error, "the stage is sealed, and the journal could not say so");
                    }
                }
            }
        });
    }

    /// Journals the hosts of a stage whose records are not what was written under its key.
    fn report_forged(&self, stage: &Stage) -> Result<(), AppError> {
        let forged = |target: &Target| target.compartment == stage.compartment && target.standing == Standing::Forged;
        for target in self.targets()?.into_iter().filter(forged) {
            let happening = Happening::new("host-forged").on(target.record.host).with("name", &target.record.name);
            self.commit(happening, |_| Ok(()))?;
        }
        Ok(())
    }

    pub(crate) fn all_stage_facts(&self) -> Result<Vec<StageFacts>, AppError> {
        let counts = self.counts()?;
        let facts = self.stages.all().into_iter().map(|stage| {
            let count = counts.get(&stage.compartment).copied().unwrap_or_default();
            StageFacts {
                open: self.is_open(stage.compartment),
                left: stage.left(),
                protected: stage.protected,
                hosts: count.targets,
                secrets: count.secrets,
                policy: stage.policy,
                name: stage.name.to_string(),
            }
        });
        Ok(facts.collect())
    }

    /// Takes up stages, secrets of stages and policies that came into the catalog by a merge.
    pub(crate) fn take_stages(&self) -> Result<(), AppError> {
        for row in self.catalog.read(|reader| reader.compartments())? {
            let name: StageName = row.stage.parse().map_err(|_| AppError::damaged("the name of a stage"))?;
            let loaded = self.vault.load_compartment(row.id, &name, &row.wrapped)?;
            let stage = match self.stages.find(|stage| stage.compartment == row.id) {
                Some(known) => Stage { wrapped: row.wrapped, revision: row.revision, ..known },
                None => Stage::stored(name, &row, loaded == Loaded::Sealed),
            };
            self.stages.put(if self.vault.is_open(row.id) { self.with_policy(stage)? } else { stage });
        }
        Ok(())
    }

    /// Refuses to change anything in a stage while it is frozen.
    pub(crate) fn refuse_frozen(&self, stage: &Stage) -> Result<(), AppError> {
        match stage.policy.frozen_at(now_ms()) {
            None => Ok(()),
            Some(freeze) => Err(AppError::StageFrozen { name: stage.name.to_string(), why: freeze.why.clone(), until_ms: freeze.until_ms }),
        }
    }
}

/// A stage's policy, authenticated under its key.
pub(crate) fn policy_row(
    vault: &OpenVault,
    compartment: CompartmentId,
    policy: &StagePolicy,
    revision: u64,
) -> Result<PolicyRow, AppError> {
    let record = policy.to_canonical();
    let mac = vault.row_mac(&policy_place(compartment, revision), &record).map_err(AppError::internal)?;
    Ok(PolicyRow { compartment, record, revision, mac })
}

fn policy_place(compartment: CompartmentId, revision: u64) -> Place<'static> {
    Place { compartment, target: None, table: "policy", row: *compartment.as_bytes(), revision, field: "record" }
}

/// The secret to use; and, when it was made here, the same to be shown.
fn chosen_or_made(secret: Option<SecretText>) -> Result<(SecretText, Option<SecretText>), AppError> {
    match secret {
        None => {
            let made = make_stage_secret().map_err(AppError::internal)?;
            Ok((made.duplicate(), Some(made)))
        }
        Some(secret) if estimate_bits(&secret) < LEAST_STAGE_SECRET_BITS => Err(AppError::StageSecretWeak),
        Some(secret) => Ok((secret, None)),
    }
}

fn stage_secret(stage: &StageName, error: StageSecretError) -> AppError {
    match error {
        StageSecretError::Wrong => AppError::WrongStageSecret { name: stage.to_string() },
        StageSecretError::NotProtected => AppError::StageNotProtected { name: stage.to_string() },
        StageSecretError::NotEnoughMemory(error) => error.into(),
        other => AppError::damaged(other),
    }
}
