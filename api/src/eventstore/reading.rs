//! One reading under way: pages of the record, handed on as fast as they are taken.

use super::message::{self, Ids};
use super::places::Place;
use super::protocole::ReadResp;
use super::question::{Extent, Question, Source};
use crate::identity::Clock;
use chrono::{DateTime, Utc};
use domain::PortailId;
use ledger::feed::{FeedError, StoredEvent};
use ledger::histoire::{Rank, Way, beyond, of_stream};
use ledger::trouble::stems_from_absence;
use sqlx::PgPool;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// Events read at a time.
const PAGE: i64 = 128;
/// How long it is believed what a clock said: it may be set while one waits.
const BEAT: Duration = Duration::from_secs(60);

/// What a reading hands on; who takes slowly makes it wait.
pub type Outlet = mpsc::Sender<Result<ReadResp, Status>>;

/// See the module.
pub struct Reading {
    /// The record.
    pub pool: PgPool,
    /// Whose.
    pub portail: PortailId,
    /// What is read of it.
    pub question: Question,
    /// How ids are written.
    pub ids: Ids,
    /// Until when who reads is known.
    pub expire: DateTime<Utc>,
    /// What tells the time.
    pub clock: Clock,
    /// Moves when journals have grown.
    pub woken: watch::Receiver<u64>,
    /// The program is told to stop.
    pub closing: CancellationToken,
    /// The id of a subscription.
    pub id: uuid::Uuid,
    /// Its place among the readings that may be open.
    pub _place: Place,
}

/// Why a reading ends before its end.
enum Ended {
    /// Nobody takes any more.
    Left,
    Because(Status),
}

impl Reading {
    /// Hands on what was asked.
    pub async fn run(mut self, out: Outlet) {
        let (closing, clock, expire) = (self.closing.clone(), self.clock.clone(), self.expire);
        let ended = tokio::select! {
            ended = self.read(&out) => ended,
            () = out.closed() => return,
            () = passed(&clock, expire) => Err(expired()),
            () = closing.cancelled() => Err(Ended::Because(Status::unavailable("the program is stopping"))),
        };
        if let Err(Ended::Because(status)) = ended {
            // However slowly it is taken: a reading that ended without a reason would look whole, and
            // the client of EventStoreDB asks for more of it without end.
            drop(out.send(Err(status)).await);
        }
    }

    async fn read(&mut self, out: &Outlet) -> Result<(), Ended> {
        match self.question.extent {
            Extent::Count(count) => self.some(out, count).await,
            Extent::Follow => self.follow(out).await,
        }
    }

    async fn some(&self, out: &Outlet, mut left: u64) -> Result<(), Ended> {
        let mut place = self.question.beyond.unwrap_or(i64::MAX);
        if let Source::One(stream) = &self.question.source
            && self.page(0, Way::Forwards, 1).await?.is_empty()
        {
            return hand(out, message::not_found(stream)).await;
        }
        while left > 0 {
            let rows = self.page(place, self.question.way, PAGE).await?;
            let Some(last) = rows.last() else { break };
            place = self.place_of(last);
            for row in rows.into_iter().filter(|row| self.takes(row)) {
                if left == 0 {
                    break;
                }
                hand(out, message::event(self.ids, row).map_err(Ended::Because)?).await?;
                left -= 1;
            }
        }
        Ok(())
    }

    async fn follow(&mut self, out: &Outlet) -> Result<(), Ended> {
        let mut place = match self.question.beyond {
            Some(place) => place,
            None => self.page(i64::MAX, Way::Backwards, 1).await?.last().map_or(0, |row| self.place_of(row)),
        };
        hand(out, message::confirmation(self.id)).await?;
        let mut live = false;
        loop {
            // Before the page: what is recorded after it wakes again.
            self.woken.borrow_and_update();
            let rows = self.page(place, Way::Forwards, PAGE).await?;
            if let Some(last) = rows.last() {
                place = self.place_of(last);
                for row in rows.into_iter().filter(|row| self.takes(row)) {
                    hand(out, message::event(self.ids, row).map_err(Ended::Because)?).await?;
                }
                if self.question.filter.is_some() {
                    hand(out, message::checkpoint(place)).await?;
                }
                continue;
            }
            if !live {
                hand(out, message::caught_up()).await?;
                live = true;
            }
            let gone = |_| Ended::Because(Status::unavailable("the program is stopping"));
            self.woken.changed().await.map_err(gone)?;
        }
    }

    fn takes(&self, row: &StoredEvent) -> bool {
        self.question.filter.as_ref().is_none_or(|filter| filter.takes(row))
    }

    fn place_of(&self, row: &StoredEvent) -> i64 {
        match self.question.source {
            Source::All => Rank::of(row).0,
            Source::One(_) => row.sequence,
        }
    }

    /// The rows beyond a place, for who may still read them.
    async fn page(&self, place: i64, way: Way, limit: i64) -> Result<Vec<StoredEvent>, Ended> {
        if (self.clock)() >= self.expire {
            return Err(expired());
        }
        let mut connection = self.pool.acquire().await.map_err(FeedError::from)?;
        Ok(match &self.question.source {
            Source::All => beyond(&mut connection, &self.portail, way, Rank(place), limit).await?,
            Source::One(stream) => {
                of_stream(&mut connection, &self.portail, stream, way, place, limit).await?
            }
        })
    }
}

/// Until an instant of the clock: a journal in which nothing happens keeps no reading open.
async fn passed(clock: &Clock, instant: DateTime<Utc>) {
    while let Some(left) = (instant - clock()).to_std().ok().filter(|left| !left.is_zero()) {
        sleep_until(Instant::now() + left.min(BEAT)).await;
    }
}

fn expired() -> Ended {
    Ended::Because(Status::unauthenticated("the token has expired"))
}

async fn hand(out: &Outlet, message: ReadResp) -> Result<(), Ended> {
    out.send(Ok(message)).await.map_err(|_| Ended::Left)
}

impl From<FeedError> for Ended {
    fn from(error: FeedError) -> Self {
        if stems_from_absence(&error) {
            return Self::Because(Status::unavailable("the record does not answer"));
        }
        tracing::error!(error = &error as &dyn std::error::Error, "the record cannot be followed");
        Self::Because(Status::internal("the record cannot be read"))
    }
}
