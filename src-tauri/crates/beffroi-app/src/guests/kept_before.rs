//! A snapshot of what a host runs in, made before something is done on the host.

use std::collections::HashMap;
use std::sync::Arc;

use beffroi_domain::{HostName, TargetRecord};
use beffroi_lxc::change::Change;
use jiff::Timestamp;

use crate::plans::{MadePlan, Order, RefusedHost, not_kept};
use crate::session::Session;
use crate::{Action, App, AppError, GuestError};

impl App {
    /// Makes the plan of an action which begins on a host once a snapshot of the guest that it is was made: of `machine`, named
    /// `HOST/GUEST`, where the one selected host is reached by an SSH server of its own. See [`App::make_plan`].
    ///
    /// # Errors
    /// As there; [`AppError::InvalidRequest`] where `machine` is to stand for several hosts. A host that is no guest, or whose
    /// snapshot cannot be made, is in the answer.
    pub async fn make_plan_kept_before(&self, on: &str, action: Action, machine: Option<&str>) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        action.validate()?;
        let targets = session.select(on).await?;
        if machine.is_some() && targets.len() > 1 {
            return Err(AppError::InvalidRequest { what: "a guest that is several hosts" });
        }
        let (title, action) = (action.title(), Arc::new(action));
        let snapshot = Change::Snapshot { name: Timestamp::now().strftime("before-%Y%m%d-%H%M%S").to_string() };
        let (mut snapshots, mut orders, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        let mut read = HashMap::new();
        for target in targets {
            match session.snapshot_before(&target, machine, &snapshot, &mut read).await {
                Ok(order) => {
                    snapshots.push(order.leading(target.host));
                    orders.push(Order::new(target, Arc::clone(&action)));
                }
                // Nothing less than a lost link says more than that there is no snapshot.
                Err(AppError::Guest(GuestError::NotAGuest { .. })) => refused.push(not_kept(&target)),
                Err(error) => refused.push(RefusedHost { host: target.name.to_string(), error }),
            }
        }
        snapshots.append(&mut orders);
        let mut made = self.plan_orders(&session, title, snapshots).await?;
        made.refused.extend(refused);
        Ok(made)
    }
}

impl Session {
    async fn snapshot_before(
        self: &Arc<Self>,
        target: &TargetRecord,
        machine: Option<&str>,
        snapshot: &Change,
        read: &mut HashMap<HostName, (TargetRecord, beffroi_lxc::Reading)>,
    ) -> Result<Order, AppError> {
        let no_guest = |name: &str| AppError::from(GuestError::NotAGuest { name: name.to_owned() });
        let name: HostName = match machine {
            Some(machine) => machine.parse().map_err(|_| no_guest(machine))?,
            None => target.name.clone(),
        };
        let (host, _) = name.guest().ok_or_else(|| no_guest(name.as_str()))?;
        if !read.contains_key(&host) {
            let record = self.host_of_guests(&host).await?;
            let reading = self.read_guests(&record).await?;
            read.insert(host.clone(), (record, reading));
        }
        let (record, reading) = read.get(&host).ok_or_else(|| AppError::internal("a reading that was just put there"))?;
        let (mut work, _) = self.guest_work(&name, reading, snapshot).await?;
        // The host itself is in the plan, with what its stage wants typed.
        work.confirm = None;
        let mut order = Order::new(record.clone(), Arc::new(Action::Guest(Box::new(work))));
        order.set_apart();
        Ok(order)
    }
}
