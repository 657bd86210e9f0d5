//! Plans.

use beffroi_app::{Action, CatalogChange, MadePlan};
use beffroi_domain::{CommandPart, Step, StepKind, Undo};

use crate::handlers::{host, job, ynh};
use crate::wire::{
    ActionRequest, CommandPartView, Done, HostPlanView, JobsStarted, PlanMake, PlanName, PlanRun, PlanView, RefusedHost, StepView, UndoView,
};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `plan_make`
    pub async fn plan_make(&self, request: PlanMake) -> Result<PlanView, ApiError> {
        let action = match request.action {
            ActionRequest::Unban { .. } | ActionRequest::SetClock if request.snapshot.is_some() => {
                return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "a snapshot before this"));
            }
            ActionRequest::Unban { address, through } => return self.unban(&request.on, address, through).await.map(view),
            ActionRequest::SetClock => return Ok(view(self.app().plan_clock(&request.on).await?)),
            other => action(other)?,
        };
        Ok(view(match request.snapshot {
            Some(first) => self.app().make_plan_kept_before(&request.on, action, first.guest.as_deref()).await?,
            None => self.app().make_plan(&request.on, action).await?,
        }))
    }

    /// `plan_run`
    pub async fn plan_run(&self, request: PlanRun) -> Result<JobsStarted, ApiError> {
        let plan = request.plan.parse().map_err(|_| ApiError::new(ErrorCode::PlanNotFound))?;
        Ok(JobsStarted {
            jobs: self
                .app()
                .run_plan_from(plan, request.typed.as_deref(), request.pilot.as_deref())
                .await?
                .into_iter()
                .map(job::view)
                .collect(),
        })
    }

    /// `plan_forget`
    pub async fn plan_forget(&self, request: PlanName) -> Result<Done, ApiError> {
        if let Ok(plan) = request.plan.parse() {
            self.app().forget_plan(plan);
        }
        Ok(Done {})
    }
}

fn action(request: ActionRequest) -> Result<Action, ApiError> {
    match request {
        ActionRequest::Ynh { operation, given } => ynh::action(operation, given),
        ActionRequest::CatalogKeep { path, sha256, apps } => Ok(Action::Catalog(CatalogChange::Keep { path, sha256, apps })),
        ActionRequest::CatalogBack => Ok(Action::Catalog(CatalogChange::Back)),
        ActionRequest::Unban { .. } | ActionRequest::SetClock => Err(ApiError::new(ErrorCode::Internal).with("what", "planned elsewhere")),
        ActionRequest::Run { command, root } => Ok(Action::Run { command, root }),
        ActionRequest::RunSteps { steps, root } => {
            Ok(Action::RunSteps { steps: steps.into_iter().map(|step| (step.title, step.command)).collect(), root })
        }
    }
}

pub(super) fn view(made: MadePlan) -> PlanView {
    let refused = made.refused.into_iter().map(|refused| RefusedHost { error: host::on(refused.error, &refused.host), host: refused.host });
    let hosts = made.plan.hosts.into_iter().zip(made.standings).map(|(part, standing)| HostPlanView {
        host: part.host_name,
        stage: standing.stage,
        warnings: standing.warnings.iter().map(Into::into).collect(),
        steps: part.steps.iter().map(step).collect(),
    });
    PlanView {
        id: made.plan.id.to_string(),
        title: (&made.plan.title).into(),
        confirm: made.confirm,
        hosts: hosts.collect(),
        refused: refused.collect(),
    }
}

fn step(step: &Step) -> StepView {
    let part = |part: &CommandPart| match part {
        CommandPart::Text(text) => CommandPartView::Text { text: text.clone() },
        CommandPart::Secret(name) => CommandPartView::Secret { name: name.clone() },
    };
    StepView {
        number: step.number,
        changes: step.kind == StepKind::Change,
        what: (&step.what).into(),
        command: step.command.0.iter().map(part).collect(),
        check: (&step.check).into(),
        undo: match &step.undo {
            Undo::NothingToUndo => UndoView::Nothing,
            Undo::By(how) => UndoView::By { how: how.into() },
            Undo::Not(why) => UndoView::Not { why: why.into() },
        },
    }
}
