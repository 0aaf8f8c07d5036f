//! What the running switch answers to a command.

use std::{collections::BTreeMap, time::Duration};

use payment::{ManualOrder, ManualStep, Operator, PaymentId};
use store::{Pile, WorkQuery};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{
    protocol::{Answer, Command, MOST_ROWS, Only, Step, What},
    rows::rows,
};
use crate::{
    chain::chain,
    exchange::{Message, Order, Waiting},
    reload::Reloader,
};

/// Payments read at a time.
const PAGE: u32 = 500;
/// How long the loop and the store may take.
const WITHIN: Duration = Duration::from_secs(20);

/// Answers commands.
#[derive(Clone, Debug)]
pub(super) struct Answering {
    pub(super) exchange: mpsc::Sender<Message>,
    pub(super) reloader: Reloader,
}

/// Why there is no answer.
struct Silent;

impl Answering {
    pub(super) async fn answer(&self, command: Command) -> Answer {
        let answered = match command {
            Command::List { what, only, limit } => self.list(what, only, limit).await,
            Command::Operate { payment, number, step, by, reason } => match Operator::new(&by, &reason) {
                Ok(by) => self.operate(PaymentId::from_number(payment), number, step, by).await,
                Err(error) => Ok(Answer::Refused { why: error.to_string() }),
            },
            Command::Reload { config } => Ok(self.reload(&config).await),
        };
        answered.unwrap_or_else(|Silent| refused("the switch is too busy, or closing"))
    }

    async fn list(&self, what: What, only: Only, limit: u32) -> Result<Answer, Silent> {
        let limit = usize::try_from(limit.min(MOST_ROWS)).unwrap_or(usize::MAX);
        let piles: &[Pile] = match only {
            Only::Stuck => &[Pile::NeedsPerson],
            Only::Unsettled => &[Pile::NeedsPerson, Pile::Open],
        };
        // One payment may lie on both piles.
        let mut listed = BTreeMap::new();
        for pile in piles {
            let mut after = None;
            // What is in flight has no row: the pages go on until there are rows enough.
            while listed.len() <= limit {
                let page = self.page(WorkQuery { pile: *pile, after, limit: PAGE }).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.stored.id());
                let waiting = page.iter().flat_map(|waiting| rows(waiting, what, only));
                listed.extend(waiting.map(|row| ((row.payment, row.number), row)));
            }
        }
        let more = listed.len() > limit;
        Ok(Answer::Listed { rows: listed.into_values().take(limit).collect(), more })
    }

    async fn operate(
        &self,
        payment: PaymentId,
        number: Option<u8>,
        step: Step,
        by: Operator,
    ) -> Result<Answer, Silent> {
        let number = match number {
            Some(number) => number,
            None => match self.only_one(payment, step.what()).await? {
                Ok(number) => number,
                Err(why) => return Ok(refused(why)),
            },
        };
        let what = match step {
            Step::RetryNetCancel => ManualStep::RetryNetCancel { attempt: number },
            Step::ResolveNetCancel(how) => ManualStep::ResolveNetCancel { attempt: number, how },
            Step::RetryCancel => ManualStep::RetryCancel { cancel: number },
            Step::ResolveCancel(how) => ManualStep::ResolveCancel { cancel: number, how },
        };
        let (name, reason) = (by.name().to_owned(), by.reason().to_owned());
        let (answer, told) = oneshot::channel();
        let order = Order::Operate { payment, order: ManualOrder { by, what }, answer };
        // The loop may have taken it: whether it is done shows only later.
        let Ok(result) = self.ask(order, told).await else {
            tracing::warn!(%payment, number, ?step, by = name, reason, "a person's step whose outcome is not known yet");
            return Ok(Answer::Unknown);
        };
        tracing::info!(%payment, number, ?step, by = name, reason, ?result, "a person's step");
        Ok(match result {
            Ok(()) => Answer::Done { changes: Vec::new() },
            Err(why) => refused(&why.to_string()),
        })
    }

    /// Number of the one that waits.
    async fn only_one(&self, payment: PaymentId, what: What) -> Result<Result<u8, &'static str>, Silent> {
        let mut waiting = Vec::new();
        for pile in [Pile::NeedsPerson, Pile::Open] {
            let after = Some(PaymentId::from_number(payment.get().saturating_sub(1)));
            let page = self.page(WorkQuery { pile, after, limit: 1 }).await?;
            if let Some(first) = page.first().filter(|first| first.stored.id() == payment) {
                waiting = rows(first, what, Only::Unsettled);
                break;
            }
        }
        Ok(match waiting.as_slice() {
            [row] => Ok(row.number),
            [] => Err(match what {
                What::NetCancels => "no net-cancel of such a payment waits",
                What::Cancels => "no cancel of such a payment waits",
            }),
            _ => Err("more than one waits: say which number"),
        })
    }

    async fn reload(&self, config: &std::path::Path) -> Answer {
        let reloaded = match self.reloader.is_of(config).await {
            Ok(true) => self.reloader.reload().await,
            Ok(false) => {
                let own = self.reloader.file().display();
                return refused(&format!("the switch was started with {own}; reload that file"));
            }
            Err(error) => Err(error),
        };
        match reloaded {
            Ok(changes) => Answer::Done { changes },
            Err(error) => refused(&chain(&error)),
        }
    }

    async fn page(&self, query: WorkQuery) -> Result<Vec<Waiting>, Silent> {
        let (answer, told) = oneshot::channel();
        self.ask(Order::Page { query, answer }, told).await
    }

    async fn ask<T>(&self, order: Order, told: oneshot::Receiver<T>) -> Result<T, Silent> {
        let asked = async {
            self.exchange.send(Message::Order(order)).await.map_err(|_| Silent)?;
            told.await.map_err(|_| Silent)
        };
        timeout(WITHIN, asked).await.map_err(|_| Silent)?
    }
}

fn refused(why: &str) -> Answer {
    Answer::Refused { why: why.to_owned() }
}
