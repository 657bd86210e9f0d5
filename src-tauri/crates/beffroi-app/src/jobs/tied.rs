//! A job whose change may cost the way in: the host puts it back by itself, unless somebody gets in anew (see
//! [`beffroi_remote::lifeline`]). The first connection is kept until then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{Exit, HostId, Login, StepState, TargetRecord};
use beffroi_remote::job::StepRef;
use beffroi_remote::lifeline::{self, Lifeline};
use beffroi_remote::{Phase, RemoteError};
use beffroi_ssh::SshRemote;
use beffroi_yunohost::ActionRecord;
use serde::{Deserialize, Serialize};

use super::follow::{Driven, PATIENCE, step_ref};
use super::follower::Follower;
use crate::connect::Rights;
use crate::session::{Happening, Session};
use crate::{AppError, GuardError};

/// How a job is tied, stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tie {
    /// Where SSH listens afterwards, when it moves.
    pub(crate) port: Option<u16>,
}

/// After the change the host waits so long for somebody to get in.
pub(crate) const WAIT: Duration = Duration::from_secs(180);
/// So long one tries to; what is left of the wait is for putting back over the connection that still stands.
const TRY: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_secs(1);
const RELEASES: usize = 5;
/// Between tries of a host that refuses: it bans those who try too often (fail2ban: ten times in ten minutes).
const LONG_PAUSE: Duration = Duration::from_secs(65);

/// A change that came to an end, whatever is to be said of it.
struct Ran<'a> {
    follower: &'a Follower,
    action: &'a ActionRecord,
    exit: Exit,
}

/// The steps of a tied job, counted from 0: the change, its check, the new login, the host's record.
const LOGIN: usize = 2;
const RECORD: usize = 3;

impl Tie {
    /// The ways in after the change, the likeliest first: with the new port, and as before, where another machine hands on.
    fn ways(&self, record: &TargetRecord, first: usize) -> Vec<(TargetRecord, usize)> {
        let places = std::iter::once(first).chain((0..record.accesses().count()).filter(|place| *place != first));
        let moved = self.port.map(|port| moved(record, first, port));
        let each = |record: &TargetRecord| places.clone().map(|place| (record.clone(), place)).collect::<Vec<_>>();
        [moved.as_ref().map(each).unwrap_or_default(), each(record)].concat()
    }
}

/// The record with SSH at another port: on all ways that led to the one where it listened.
fn moved(record: &TargetRecord, first: usize, port: u16) -> TargetRecord {
    let mut moved = record.clone();
    let before = record.accesses().nth(first).map_or(22, |access| access.port);
    for access in std::iter::once(&mut moved.access).chain(&mut moved.others) {
        if access.port == before {
            access.port = port;
        }
    }
    moved
}

impl Session {
    /// Sees a tied job to its end: what is changed stays if somebody gets in anew, else it is put back.
    pub(super) async fn run_tied(
        self: &Arc<Self>,
        driven: &mut Driven,
        follower: &Follower,
        new: bool,
        action: &ActionRecord,
    ) -> Result<Option<AppError>, AppError> {
        let exit = match self.exit_of(driven, follower, 0, new).await {
            // The keeper comes again with the host.
            Err(AppError::JobVanished { .. }) => Exit::Unknown,
            exit => exit?,
        };
        let step = step_ref(driven, 0);
        let ran = Ran { follower, action, exit };
        let standing = match self.state_of(driven, &step).await {
            Ok(standing) => standing,
            Err(error @ (AppError::Locked | AppError::StageSealed { .. })) => return Err(error),
            Err(error) => return self.put_back(driven, &ran, Some(error.to_string())).await,
        };
        if let Lifeline::Refused { why } = standing {
            self.set_step(driven, 0, StepState::Failed, Some(ran.exit)).await?;
            return Ok(Some(AppError::Guard(GuardError::LifelineRefused { why })));
        }
        if let Lifeline::Restoring | Lifeline::Restored { .. } = standing {
            return self.put_back(driven, &ran, None).await;
        }
        let failed = match self.judge_ran(driven, &ran).await {
            Ok(failed) => failed,
            Err(error @ (AppError::Locked | AppError::StageSealed { .. })) => return Err(error),
            // What is not known to be done must not be put back by the host later, when it is taken for failed.
            Err(error) => return self.put_back(driven, &ran, Some(error.to_string())).await,
        };
        self.set_step(driven, LOGIN, StepState::Running, None).await?;
        match self.get_in(driven.target.host, &tie_of(driven), driven.record.rights()).await {
            Ok((record, access, remote)) => match let_go(&remote, &step).await? {
                Lifeline::Armed => self.put_back(driven, &ran, Some("its lifeline cannot be let go".to_owned())).await,
                Lifeline::Released | Lifeline::Absent | Lifeline::Refused { .. } => {
                    self.set_step(driven, LOGIN, StepState::Done, None).await?;
                    self.keep_way(driven, record, access, remote).await?;
                    Ok(failed)
                }
                // Too late: it was put back meanwhile.
                Lifeline::Restoring | Lifeline::Restored { .. } => self.put_back(driven, &ran, None).await,
            },
            Err(error @ (AppError::Locked | AppError::StageSealed { .. })) => Err(error),
            Err(error) => self.put_back(driven, &ran, Some(error.to_string())).await,
        }
    }

    /// What is to be told of the change, by what it said and by the state of the host.
    async fn judge_ran(self: &Arc<Self>, driven: &mut Driven, ran: &Ran<'_>) -> Result<Option<AppError>, AppError> {
        if ran.follower.is_stopping() && !ran.exit.is_success() {
            self.set_step(driven, 0, StepState::Failed, Some(ran.exit.clone())).await?;
            return Ok(Some(AppError::JobCancelled));
        }
        self.judge(driven, ran.follower, ran.action.into(), ran.exit.clone()).await
    }

    /// What the host says was let go stays: by this program, before the answer was lost, or by somebody elsewhere. Its word alone
    /// is not enough: one gets in, and what was changed is looked at.
    async fn stands(self: &Arc<Self>, driven: &mut Driven, ran: &Ran<'_>, why: Option<String>) -> Result<Option<AppError>, AppError> {
        match self.get_in(driven.target.host, &tie_of(driven), driven.record.rights()).await {
            Ok((record, access, remote)) => {
                self.set_step(driven, LOGIN, StepState::Done, None).await?;
                self.keep_way(driven, record, access, remote).await?;
                self.judge_ran(driven, ran).await
            }
            Err(error @ (AppError::Locked | AppError::StageSealed { .. })) => Err(error),
            Err(_) => Ok(Some(over(true, why))),
        }
    }

    /// Where the lifeline is. A link that is lost a moment after the change is no reason yet to put it back.
    async fn state_of(self: &Arc<Self>, driven: &Driven, step: &StepRef) -> Result<Lifeline, AppError> {
        let began = Instant::now();
        loop {
            let asked = async { Ok::<_, AppError>(lifeline::state(self.reach_again(driven).await?.as_ref(), step).await?) };
            match asked.await {
                Err(error) if may_pass(&error) && began.elapsed() < TRY => self.connections.close(driven.target.host).await,
                other => return other,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The host while its change is not certain: the connection that stands, else a new one by any way that may lead there
    /// now. Nothing that it refuses is held against a credential.
    pub(super) async fn reach_again(self: &Arc<Self>, driven: &Driven) -> Result<Arc<SshRemote>, AppError> {
        let rights = driven.record.rights();
        if let Some(through) = &driven.record.through {
            let jump = through.parse().map_err(|_| AppError::damaged("a job's record"))?;
            return self.enter_through(&driven.target, jump, rights).await;
        }
        let Some(tie) = &driven.record.tie else {
            return self.connect_as(&driven.target, rights).await;
        };
        if let Some(remote) = self.standing(&driven.target, rights).await {
            return Ok(remote);
        }
        let record = self.target_of(driven.target.host).await?;
        let (mut refuses, mut refused_logins) = (false, Vec::new());
        for (record, access) in tie.ways(&record, 0) {
            let with = who(&record, access);
            if refused_logins.contains(&with) {
                continue;
            }
            match self.enter_anew(&record, access, rights).await {
                Ok(remote) => return Ok(Arc::new(remote)),
                Err(error @ (AppError::Locked | AppError::StageSealed { .. })) => return Err(error),
                Err(error) => {
                    refuses |= !error.is_passing();
                    refused_logins.extend(refuses_login(&error).then_some(with));
                }
            }
        }
        // The host may put back what makes it refuse: it is asked again, but not as often as one that does not answer.
        if refuses {
            tokio::time::sleep(LONG_PAUSE).await;
        }
        Err(silent(&record).into())
    }

    /// Gets in anew. What is refused is refused once; a server that starts again is waited for.
    async fn get_in(self: &Arc<Self>, host: HostId, tie: &Tie, rights: Rights) -> Result<(TargetRecord, usize, SshRemote), AppError> {
        let record = self.target_of(host).await?;
        let first = self.connections.reached(host).await.map_or(0, |reached| reached.access);
        let mut ways = tie.ways(&record, first);
        let (began, mut refused, mut refused_logins) = (Instant::now(), None, Vec::new());
        loop {
            let mut waiting = Vec::new();
            for (record, access) in ways {
                let with = who(&record, access);
                if refused_logins.contains(&with) {
                    continue;
                }
                match tokio::time::timeout(TRY, self.enter_anew(&record, access, rights)).await {
                    Ok(Ok(remote)) => return Ok((record, access, remote)),
                    Ok(Err(error @ (AppError::Locked | AppError::StageSealed { .. }))) => return Err(error),
                    Ok(Err(error)) if !error.is_passing() => {
                        refused_logins.extend(refuses_login(&error).then_some(with));
                        refused = Some(error);
                    }
                    Ok(Err(_)) | Err(_) => waiting.push((record, access)),
                }
            }
            if waiting.is_empty() || began.elapsed() >= TRY {
                return Err(refused.unwrap_or_else(|| silent(&record).into()));
            }
            ways = waiting;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The connection that got in is the host's from now on, and its record says how.
    async fn keep_way(
        self: &Arc<Self>,
        driven: &mut Driven,
        record: TargetRecord,
        access: usize,
        remote: SshRemote,
    ) -> Result<(), AppError> {
        if record == self.target_of(record.host).await? {
            return Ok(());
        }
        self.set_step(driven, RECORD, StepState::Running, None).await?;
        let port = record.accesses().nth(access).map_or(0, |access| access.port);
        let stored = record.clone();
        self.blocking(move |session| {
            let row = session.catalog.read(|reader| reader.target(stored.host))?;
            let before = session.authenticate(&row.ok_or_else(|| AppError::HostNotFound { name: stored.name.to_string() })?)?;
            let row = session.target_row(&stored, before.revision + 1)?;
            let happening = Happening::new("host-port-moved").on(stored.host).with("name", &stored.name).with("port", port);
            session.commit(happening, |writer| Ok(writer.update_target(&row)?))
        })
        .await?;
        drop(remote);
        self.connections.forget(record.host).await;
        driven.target = record;
        self.set_step(driven, RECORD, StepState::Done, None).await
    }

    /// Has everything put back, over the connection that stands; where there is none, the host does it by itself, and this waits
    /// until it answers again. Gives what is to be told. `why` nobody gets in; nothing where the host did it before.
    async fn put_back(self: &Arc<Self>, driven: &mut Driven, ran: &Ran<'_>, why: Option<String>) -> Result<Option<AppError>, AppError> {
        // Else it would pass for done when the job is begun again.
        self.set_step(driven, 0, StepState::Failed, Some(ran.exit.clone())).await?;
        self.set_step(driven, LOGIN, StepState::Failed, None).await?;
        let (step, rights, began) = (step_ref(driven, 0), driven.record.rights(), Instant::now());
        let mut by_host = why.is_none();
        let mut lacking = loop {
            let standing = self.standing(&driven.target, rights).await;
            by_host |= standing.is_none();
            let asked = async {
                let remote = match standing {
                    Some(remote) => remote,
                    None => self.reach_again(driven).await?,
                };
                Ok::<_, AppError>(lifeline::restore(remote.as_ref(), &step).await?)
            };
            match asked.await {
                Ok(Lifeline::Restored { failed }) => break failed,
                // Armed: its keeper could not be told, and puts back when its time is up.
                Ok(Lifeline::Restoring | Lifeline::Armed) if began.elapsed() < PATIENCE => {}
                Ok(Lifeline::Restoring | Lifeline::Armed) => {
                    let why = RemoteError::Refused { reason: "it does not come to an end with putting back".to_owned() };
                    return Err(AppError::JobOutOfReach { why: Box::new(why.into()) });
                }
                Ok(Lifeline::Released) => return self.stands(driven, ran, why).await,
                Ok(Lifeline::Absent) => return Ok(Some(over(false, why))),
                Ok(Lifeline::Refused { why }) => return Ok(Some(AppError::Guard(GuardError::LifelineRefused { why }))),
                Err(error) if may_pass(&error) && began.elapsed() < PATIENCE => self.connections.close(driven.target.host).await,
                Err(error) => return Err(AppError::JobOutOfReach { why: Box::new(error) }),
            }
            tokio::time::sleep(PAUSE).await;
        };
        match self.get_in(driven.target.host, &Tie { port: None }, rights).await {
            Ok(_) => {}
            Err(error @ (AppError::Locked | AppError::StageSealed { .. })) => return Err(error),
            Err(_) => lacking.push("login".to_owned()),
        }
        Ok(Some(AppError::Guard(GuardError::PutBack { by_host, why: why.unwrap_or_default(), lacking })))
    }
}

fn tie_of(driven: &Driven) -> Tie {
    driven.record.tie.clone().unwrap_or(Tie { port: None })
}

/// Nothing was put back: who else saw the change, on another machine or before a program was killed, let it go.
fn over(released: bool, why: Option<String>) -> AppError {
    AppError::Guard(GuardError::LifelineOver { released, why: why.unwrap_or_default() })
}

/// Lets it go. A host whose disk is full may be able to a moment later.
async fn let_go(remote: &SshRemote, step: &StepRef) -> Result<Lifeline, AppError> {
    for _ in 0..RELEASES {
        match lifeline::release(remote, step).await {
            Ok(Lifeline::Armed) => tokio::time::sleep(PAUSE).await,
            Ok(other) => return Ok(other),
            Err(error) => return Err(AppError::JobOutOfReach { why: Box::new(error.into()) }),
        }
    }
    Ok(Lifeline::Armed)
}

/// Who logs in on a way, and with what: a host counts what it refuses, whichever way it came.
fn who(record: &TargetRecord, access: usize) -> Option<(String, Option<Login>)> {
    let access = record.accesses().nth(access)?;
    Some((access.user.clone(), access.login.clone().or_else(|| record.login.clone())))
}

fn refuses_login(error: &AppError) -> bool {
    matches!(error, AppError::Remote(RemoteError::AuthenticationRefused { .. }))
}

fn may_pass(error: &AppError) -> bool {
    error.is_passing() || matches!(error, AppError::Remote(RemoteError::TimedOut { .. } | RemoteError::SudoRefused { .. }))
}

fn silent(record: &TargetRecord) -> RemoteError {
    let reason = "no way leads there any more".to_owned();
    RemoteError::Unreachable { address: record.access.address.clone(), phase: Phase::Connect, reason }
}
