//! Does what a step of the plan says.

use std::sync::Arc;

use tokio::{sync::mpsc, time::sleep};

use super::Run;
use crate::{
    plan::{Act, Step, Where},
    proxy::Fault,
    supervisor::Order,
};

impl Run {
    /// What lasts goes on when this returns.
    pub(super) async fn act(&self, step: &Step, orders: &mpsc::Sender<Order>) {
        let order = match step.act {
            Act::Line { line, fault, lasts } => {
                let proxies = (Arc::clone(&self.acquirers), Arc::clone(&self.listeners));
                tokio::spawn(async move {
                    let proxy = match line {
                        Where::Acquirer(acquirer) => &proxies.0[acquirer].proxy,
                        Where::Listener(listener) => &proxies.1[listener],
                    };
                    proxy.suffer(fault);
                    sleep(lasts).await;
                    proxy.suffer(Fault::None);
                });
                return;
            }
            Act::Hold { acquirer, lasts } => {
                let lines = Arc::clone(&self.acquirers);
                tokio::spawn(async move {
                    lines[acquirer].acquirer.hold();
                    sleep(lasts).await;
                    lines[acquirer].release().await;
                });
                return;
            }
            Act::Drop { acquirer } => return self.acquirers[acquirer].acquirer.drop_connections(),
            Act::Kill => Order::Kill,
            Act::Terminate => Order::Terminate,
            Act::Freeze { lasts } => Order::Freeze(lasts),
            Act::Reload { change, by, kill_after } => Order::Reload { change, by, kill_after },
            Act::Impostor { acquirer, guise, lasts } => {
                self.tally.count(&format!("impostors: {guise:?}"), 1);
                let lines = Arc::clone(&self.acquirers);
                tokio::spawn(async move {
                    lines[acquirer].lead_to(guise);
                    sleep(lasts).await;
                    lines[acquirer].lead_home();
                });
                return;
            }
            Act::Operate { what, deed, which, times, kill_after } => {
                let (person, orders) = (Arc::clone(&self.person), orders.clone());
                self.people.spawn(async move { person.act(what, deed, which, times).await });
                let Some(after) = kill_after else { return };
                self.people.spawn(async move {
                    sleep(after).await;
                    // It may be too late for that.
                    let _ = orders.send(Order::Kill).await;
                });
                return;
            }
        };
        // Whether it is still there is looked at by whoever waits for the plan.
        let _ = orders.send(order).await;
    }
}
