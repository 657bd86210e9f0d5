//! Processes that service managers keep.

use beffroi_app::{HostProcesses, ProcessChange as Change, ProcessName};

use crate::handlers::host::{milliseconds, on};
use crate::handlers::plan;
use crate::wire::{
    HostStatus, PlanView, ProcessChange, ProcessDetail, ProcessHost, ProcessList, ProcessListRequest, ProcessLogs, ProcessLogsRequest,
    ProcessOf, ProcessPlan,
};
use crate::{Api, ApiError};

impl Api {
    /// `process_list`
    pub async fn process_list(&self, request: ProcessListRequest) -> Result<ProcessList, ApiError> {
        let hosts = self.app().list_processes(&request.on).await?;
        Ok(ProcessList { hosts: hosts.into_iter().map(|found| host(found, &request)).collect() })
    }

    /// `process_show`
    pub async fn process_show(&self, request: ProcessOf) -> Result<ProcessDetail, ApiError> {
        let named = name(request);
        let process = self.app().show_process(&named).await.map_err(|error| on(error, &named.host))?;
        Ok(ProcessDetail { host: named.host, process })
    }

    /// `process_plan`
    pub async fn process_plan(&self, request: ProcessPlan) -> Result<PlanView, ApiError> {
        let named = name(request.process);
        let change = match request.change {
            ProcessChange::Start => Change::Start,
            ProcessChange::Stop => Change::Stop,
            ProcessChange::Restart => Change::Restart,
            ProcessChange::Enable => Change::Enable,
            ProcessChange::Disable => Change::Disable,
        };
        let made = self.app().plan_process(&named, change).await.map_err(|error| on(error, &named.host))?;
        Ok(plan::view(made))
    }

    /// `process_logs`
    pub async fn process_logs(&self, request: ProcessLogsRequest) -> Result<ProcessLogs, ApiError> {
        let named = name(request.process);
        let logs = self.app().process_logs(&named, request.lines).await.map_err(|error| on(error, &named.host))?;
        Ok(ProcessLogs { host: named.host, from: logs.from, lines: logs.lines })
    }
}

fn name(of: ProcessOf) -> ProcessName {
    ProcessName { host: of.host, name: of.name, keeper: of.keeper, owner: of.owner }
}

fn host(found: HostProcesses, asked: &ProcessListRequest) -> ProcessHost {
    let duration_ms = milliseconds(found.took);
    let (reading, error) = match found.reading {
        Ok(reading) => (reading, None),
        Err(error) => (Default::default(), Some(on(error, &found.host))),
    };
    let total = reading.processes.len();
    let processes = reading.processes.into_iter().filter(|process| {
        asked.keeper.is_none_or(|keeper| process.keeper == keeper)
            && asked.state.map_or(asked.all || process.is_of_note(), |state| process.state == state)
    });
    ProcessHost {
        host: found.host,
        stage: found.stage,
        status: error.as_ref().map_or(HostStatus::Ok, HostStatus::of),
        error,
        duration_ms,
        taken_ms: found.taken_ms,
        keepers: reading.keepers,
        missing: reading.missing,
        total,
        processes: processes.collect(),
    }
}
