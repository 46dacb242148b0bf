//! The record is read over the protocol of EventStoreDB, with its own client.

use anyhow::{Context, Result, bail};
use api::eventstore::{Flux, Limits, serve};
use api::http::{Cadence, CancellationToken};
use api::identity::Verifier;
use chrono::TimeDelta;
use domain::journal::{Consultation, ConsultationEvent};
use domain::{Aggregate, CompteId, Event};
use eventstore::{
    AppendToStreamOptions, BatchAppendOptions, Client, ClientSettings, Credentials, DeleteStreamOptions,
    Error, EventData, PersistentSubscriptionOptions, ReadAllOptions, ReadStreamOptions, ResolvedEvent,
    StreamPosition, SubscribeToAllOptions, SubscribeToStreamOptions, Subscription, SubscriptionEvent,
    SubscriptionFilter, TombstoneStreamOptions,
};
use ledger::clock::Clock;
use ledger::feed::facts_of_kind;
use recits::faults::wait;
use recits::{Bench, Ecole, auditeur, exploitant};
use serde_json::json;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How long what must happen may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The door over a school, and a client at it.
struct Porte {
    ecole: Ecole,
    client: Client,
    credentials: Credentials,
    closing: CancellationToken,
    stop: watch::Sender<bool>,
    address: String,
}

impl Porte {
    async fn ouvrir() -> Result<Self> {
        Self::limited(Limits::default()).await
    }

    async fn limited(limits: Limits) -> Result<Self> {
        Self::bounded(limits, Cadence::default()).await
    }

    async fn bounded(limits: Limits, cadence: Cadence) -> Result<Self> {
        let ecole = Ecole::ouvrir().await?;
        let clock = ecole.maison.bench.clock.clone();
        let clock: api::identity::Clock = Arc::new(move || clock.now());
        let (wake, woken) = watch::channel(0);
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(ledger::wake::listen(ecole.maison.bench.ledger.pool().clone(), wake, stopped));
        let closing = CancellationToken::new();
        #[allow(clippy::disallowed_methods)] // the edge that makes ids
        let ids = Arc::new(uuid::Uuid::new_v4);
        let flux = Flux {
            verifier: Arc::new(Verifier::demo(&ecole.maison.issuer, clock.clone())?),
            commands: ecole.maison.commands.clone(),
            pool: ecole.maison.bench.ledger.pool().clone(),
            woken,
            clock,
            ids,
            closing: closing.clone(),
            limits,
            cadence,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        tokio::spawn(serve(listener, flux));
        let settings: ClientSettings = format!("esdb://{address}?tls=false").parse()?;
        let client = Client::new(settings)?;
        let credentials = credentials(&ecole, auditeur())?;
        Ok(Self { ecole, client, credentials, closing, stop, address })
    }

    async fn all(&self, options: ReadAllOptions) -> Result<Vec<ResolvedEvent>> {
        let options = options.authenticated(self.credentials.clone());
        let mut read = self.client.read_all(&options).await?;
        let mut events = Vec::new();
        while let Some(event) = read.next().await? {
            events.push(event);
        }
        Ok(events)
    }

    async fn stream(&self, name: &str, options: ReadStreamOptions) -> Result<Vec<u64>> {
        let options = options.authenticated(self.credentials.clone());
        let mut read = self.client.read_stream(name, &options).await?;
        let mut revisions = Vec::new();
        while let Some(event) = read.next().await? {
            revisions.push(event.get_original_event().revision);
        }
        Ok(revisions)
    }

    async fn fermer(self) -> Result<()> {
        self.closing.cancel();
        self.stop.send_replace(true);
        self.ecole.maison.close().await
    }
}

fn credentials(ecole: &Ecole, who: CompteId) -> Result<Credentials> {
    Ok(Credentials::new(ecole.portail.to_string(), ecole.maison.token(who)?))
}

/// Why each reading of the record was made, as it is recorded.
pub async fn motifs(bench: &Bench) -> Result<Vec<String>> {
    let mut connection = bench.views.acquire().await?;
    let facts = facts_of_kind(&mut connection, &bench.keys, Consultation::TYPE).await?;
    let motif = |event: Option<&Event>| match event {
        Some(Event::Consultation(
            ConsultationEvent::ConsultationFaite { motif, .. }
            | ConsultationEvent::ConsultationRefusee { motif, .. },
        )) => Some(motif.clone()),
        _ => None,
    };
    facts.iter().map(|fact| motif(fact.event()).context("not opened")).collect()
}

/// The types of what a subscription shows until it has caught up, and how often it says how far
/// it has read.
async fn caught_up(subscription: &mut Subscription) -> Result<(Vec<String>, usize)> {
    let (mut types, mut checkpoints) = (Vec::new(), 0);
    loop {
        match subscription.next_subscription_event().await? {
            SubscriptionEvent::EventAppeared(event) => {
                types.push(event.get_original_event().event_type.clone())
            }
            SubscriptionEvent::Checkpoint(_) => checkpoints += 1,
            SubscriptionEvent::CaughtUp => return Ok((types, checkpoints)),
            _ => {}
        }
    }
}

fn positions(events: &[ResolvedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.get_original_event().position.commit & ((1 << 40) - 1)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_reads_all_of_a_portal_both_ways() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let forwards = porte.all(ReadAllOptions::default().forwards().max_count(10_000)).await?;
    let head = u64::try_from(forwards.len())?;
    assert_eq!(positions(&forwards), (1..=head).collect::<Vec<_>>());
    let last = forwards.last().context("nothing")?.get_original_event();
    assert_eq!(last.event_type, "journal.consultation.faite");
    let options = ReadAllOptions::default().backwards().position(StreamPosition::End).max_count(10_000);
    assert_eq!(positions(&porte.all(options).await?), (1..=head).rev().collect::<Vec<_>>());
    let from = StreamPosition::Position(forwards[2].get_original_event().position);
    let some = porte.all(ReadAllOptions::default().position(from).max_count(2)).await?;
    assert_eq!(positions(&some), [3, 4]);
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_both_ways_and_one_that_is_not_there_is_not_found() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let all = porte.all(ReadAllOptions::default().max_count(10_000)).await?;
    let longest = all.iter().map(|event| event.get_original_event()).max_by_key(|event| event.revision);
    let (name, last) = longest.map(|event| (event.stream_id.clone(), event.revision)).context("nothing")?;
    let forwards = porte.stream(&name, ReadStreamOptions::default().max_count(1_000)).await?;
    assert_eq!(forwards, (0..=last).collect::<Vec<_>>());
    let options = ReadStreamOptions::default().backwards().position(StreamPosition::End).max_count(1_000);
    assert_eq!(porte.stream(&name, options).await?, (0..=last).rev().collect::<Vec<_>>());
    let beyond = ReadStreamOptions::default().position(StreamPosition::Position(u64::MAX)).max_count(1);
    assert_eq!(porte.stream(&name, beyond).await?, Vec::<u64>::new());
    let absent = porte.stream("absences.appel-rien", ReadStreamOptions::default()).await;
    let absent = absent.err().context("it was found")?;
    assert!(matches!(absent.downcast_ref(), Some(Error::ResourceNotFound)), "{absent:?}");
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_misses_and_doubles_nothing_over_the_boundary() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let options = SubscribeToAllOptions::default()
        .position(StreamPosition::Start)
        .authenticated(porte.credentials.clone());
    let mut subscription = porte.client.subscribe_to_all(&options).await;
    let mut seen = Vec::new();
    loop {
        match subscription.next_subscription_event().await? {
            SubscriptionEvent::EventAppeared(event) => seen.push(event),
            SubscriptionEvent::CaughtUp => break,
            _ => {}
        }
    }
    // Who is refused is on the record: an event after the boundary.
    let other = credentials(&porte.ecole, porte.ecole.principal)?;
    let refused = porte.client.read_all(&ReadAllOptions::default().authenticated(other)).await;
    assert!(matches!(refused.err(), Some(Error::AccessDenied)));
    let event = subscription.next().await?;
    assert_eq!(event.get_original_event().event_type, "journal.consultation.refusee");
    seen.push(event);
    let head = u64::try_from(seen.len())?;
    assert_eq!(positions(&seen), (1..=head).collect::<Vec<_>>());
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_filtered_and_says_how_far_it_has_read() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let options = |filter| {
        SubscribeToAllOptions::default()
            .position(StreamPosition::Start)
            .authenticated(porte.credentials.clone())
            .filter(filter)
    };
    let filter = SubscriptionFilter::on_event_type().add_prefix("journal.");
    let mut subscription = porte.client.subscribe_to_all(&options(filter)).await;
    let (types, checkpoints) = caught_up(&mut subscription).await?;
    assert_eq!(types, ["journal.consultation.faite"]);
    assert!(checkpoints > 0);
    let whole = options(SubscriptionFilter::on_event_type().regex(""));
    let (all, _) = caught_up(&mut porte.client.subscribe_to_all(&whole).await).await?;
    for (filter, wanted) in [
        (SubscriptionFilter::on_event_type().regex(r"^portails\..*_(prise|accordee)$"), "portails.portail."),
        (SubscriptionFilter::on_stream_name().add_prefix("portails.portail-"), "portails.portail."),
        (
            SubscriptionFilter::on_stream_name().regex(format!("-{}$", porte.ecole.portail)),
            "portails.portail.",
        ),
    ] {
        let (types, _) = caught_up(&mut porte.client.subscribe_to_all(&options(filter)).await).await?;
        assert!(!types.is_empty() && types.len() < all.len(), "{types:?} of {all:?}");
        assert!(types.iter().all(|kind| kind.starts_with(wanted)), "{types:?}");
    }
    for hostile in ["(", "((((a{100}){100}){100}){100})", &"a".repeat(5_000)] {
        let filter = SubscriptionFilter::on_event_type().regex(hostile);
        let mut subscription = porte.client.subscribe_to_all(&options(filter)).await;
        if subscription.next_subscription_event().await.is_ok() {
            bail!("taken: {}", hostile.len());
        }
    }
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_shows_nothing_more_once_its_token_has_expired() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let options = SubscribeToAllOptions::default().authenticated(porte.credentials.clone());
    let mut subscription = porte.client.subscribe_to_all(&options).await;
    caught_up(&mut subscription).await?;
    let clock = &porte.ecole.maison.bench.clock;
    clock.set(clock.now() + TimeDelta::hours(2));
    let other = credentials(&porte.ecole, porte.ecole.principal)?;
    let refused = porte.client.read_all(&ReadAllOptions::default().authenticated(other)).await;
    assert!(matches!(refused.err(), Some(Error::AccessDenied)), "it is recorded all the same");
    let ended = subscription.next_subscription_event().await.err().context("it goes on")?;
    assert!(matches!(ended, Error::AccessDenied), "{ended:?}");
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_to_a_silent_journal_ends_when_its_token_does() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let clock = &porte.ecole.maison.bench.clock;
    let (now, life) = (clock.now(), TimeDelta::seconds(2));
    let token = porte.ecole.maison.issuer.issue(auditeur(), now, now + life)?;
    let credentials = Credentials::new(porte.ecole.portail.to_string(), token);
    let options = SubscribeToAllOptions::default().authenticated(credentials);
    let mut subscription = porte.client.subscribe_to_all(&options).await;
    caught_up(&mut subscription).await?;
    clock.set(now + life);
    let ended = tokio::time::timeout(PATIENCE, subscription.next_subscription_event()).await?;
    let ended = ended.err().context("it goes on")?;
    assert!(matches!(ended, Error::AccessDenied), "{ended:?}");
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_begins_at_a_place_or_at_the_end() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let all = porte.all(ReadAllOptions::default().max_count(10_000)).await?;
    let third = all[2].get_original_event().position;
    let options =
        |from| SubscribeToAllOptions::default().position(from).authenticated(porte.credentials.clone());
    let mut from_third = porte.client.subscribe_to_all(&options(StreamPosition::Position(third))).await;
    assert_eq!(positions(&[from_third.next().await?]), [4], "it begins after what it names");
    let mut from_end = porte.client.subscribe_to_all(&options(StreamPosition::End)).await;
    assert!(matches!(from_end.next_subscription_event().await?, SubscriptionEvent::Confirmed(_)));
    assert!(matches!(from_end.next_subscription_event().await?, SubscriptionEvent::CaughtUp));
    let other = credentials(&porte.ecole, porte.ecole.principal)?;
    let refused = porte.client.read_all(&ReadAllOptions::default().authenticated(other)).await;
    assert!(matches!(refused.err(), Some(Error::AccessDenied)));
    assert_eq!(positions(&[from_end.next().await?]), [u64::try_from(all.len())? + 1]);
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_followed_from_its_start_a_place_or_its_end() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let all = porte.all(ReadAllOptions::default().max_count(10_000)).await?;
    let longest = all.iter().map(|event| event.get_original_event()).max_by_key(|event| event.revision);
    let (name, last) = longest.map(|event| (event.stream_id.clone(), event.revision)).context("nothing")?;
    for (from, expected) in [
        (StreamPosition::Start, (0..=last).collect::<Vec<_>>()),
        (StreamPosition::Position(0), (1..=last).collect()),
        (StreamPosition::End, vec![]),
    ] {
        let options = SubscribeToStreamOptions::default();
        let options = options.start_from(from).authenticated(porte.credentials.clone());
        let mut subscription = porte.client.subscribe_to_stream(name.as_str(), &options).await;
        let mut revisions = Vec::new();
        loop {
            match subscription.next_subscription_event().await? {
                SubscriptionEvent::EventAppeared(event) => {
                    revisions.push(event.get_original_event().revision)
                }
                SubscriptionEvent::CaughtUp => break,
                _ => {}
            }
        }
        assert_eq!(revisions, expected);
    }
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compte_has_so_many_readings_and_another_one_still_has_its_own() -> Result<()> {
    let porte = Porte::limited(Limits { readings: 3, readings_per_compte: 2, ..Limits::default() }).await?;
    let options = SubscribeToAllOptions::default().authenticated(porte.credentials.clone());
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut subscription = porte.client.subscribe_to_all(&options).await;
        subscription.next_subscription_event().await?;
        open.push(subscription);
    }
    let mut third = porte.client.subscribe_to_all(&options).await;
    let refused = third.next_subscription_event().await.err().context("a third one is open")?;
    let Error::Grpc { code, message } = refused else { bail!("{refused}") };
    assert_eq!(format!("{code:?}"), "ResourceExhausted");
    assert_eq!(message, "too many readings of this compte are open");
    // Another compte finds a place: that it may not read is said after that.
    let other = credentials(&porte.ecole, porte.ecole.principal)?;
    let refused = porte.client.read_all(&ReadAllOptions::default().authenticated(other)).await;
    assert!(matches!(refused.err(), Some(Error::AccessDenied)));
    drop(open);
    wait::until("a place that was left is free", PATIENCE, async || {
        let options = ReadAllOptions::default().authenticated(porte.credentials.clone());
        Ok(porte.client.read_all(&options).await.ok().map(|_| ()))
    })
    .await?;
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_asks_too_often_is_told_so_before_it_is_asked_who_it_is() -> Result<()> {
    // The name that a client gives its connection stands for the word of a proxy.
    let mandataire = Some("connection-name".parse()?);
    let flux = NonZeroU32::new(2).context("none at all")?;
    let porte = Porte::bounded(Limits::default(), Cadence { flux, mandataire, ..Cadence::default() }).await?;
    let from = |address: &str| -> Result<Client> {
        let settings = format!("esdb://{}?tls=false&connectionName={address}", porte.address);
        Ok(Client::new(settings.parse::<ClientSettings>()?)?)
    };
    let (here, elsewhere) = (from("192.0.2.7")?, from("192.0.2.8")?);
    let forged = Credentials::new(porte.ecole.portail.to_string(), "x.y.z".to_owned());
    let forged = ReadAllOptions::default().authenticated(forged);
    for _ in 0..2 {
        let refused = here.read_all(&forged).await.err().context("anybody reads")?;
        assert!(!refused.to_string().contains("too often"), "{refused}");
    }
    let options = ReadAllOptions::default().authenticated(porte.credentials.clone());
    let refused = here.read_all(&options).await.err().context("it reads on")?;
    let Error::Grpc { code, message } = refused else { bail!("{refused}") };
    assert_eq!(format!("{code:?}"), "ResourceExhausted");
    assert!(message.contains("too often"), "{message}");
    assert!(elsewhere.read_all(&options).await.is_ok(), "nobody pays for another");
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_too_many_is_closed_and_one_that_leaves_makes_room() -> Result<()> {
    let porte = Porte::limited(Limits { connections: 1, ..Limits::default() }).await?;
    let first = TcpStream::connect(&porte.address).await?;
    let mut second = TcpStream::connect(&porte.address).await?;
    assert_eq!(second.read(&mut [0; 1]).await?, 0, "it was let in");
    drop(first);
    let options = ReadAllOptions::default().authenticated(porte.credentials.clone());
    wait::until("the place that was left is free", PATIENCE, async || {
        let client = Client::new(format!("esdb://{}?tls=false", porte.address).parse::<ClientSettings>()?)?;
        Ok(client.read_all(&options).await.ok().map(|_| ()))
    })
    .await?;
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_or_drips_is_hung_up_on_and_who_waits_alive_is_not() -> Result<()> {
    let silence = Duration::from_millis(900);
    let porte = Porte::limited(Limits { connections: 3, silence, ..Limits::default() }).await?;
    let options = SubscribeToAllOptions::default().authenticated(porte.credentials.clone());
    let mut subscription = porte.client.subscribe_to_all(&options).await;
    caught_up(&mut subscription).await?;
    // They keep no place for good, one after the other.
    for _ in 0..2 {
        let mut silent = TcpStream::connect(&porte.address).await?;
        let mut dripping = TcpStream::connect(&porte.address).await?;
        for (dripped, byte) in b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".chunks(1).enumerate() {
            if dripping.write_all(byte).await.is_err() {
                break;
            }
            assert!(dripped < 20, "it has nearly begun");
            wait::pause(Duration::from_millis(80)).await;
        }
        // Its greeting, and then the end.
        let _ = tokio::time::timeout(PATIENCE, silent.read_to_end(&mut Vec::new())).await?;
    }
    let other = credentials(&porte.ecole, porte.ecole.principal)?;
    let refused = porte.client.read_all(&ReadAllOptions::default().authenticated(other)).await;
    assert!(matches!(refused.err(), Some(Error::AccessDenied)));
    assert_eq!(subscription.next().await?.get_original_event().event_type, "journal.consultation.refusee");
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_and_nobody_reads_without_an_auditor_s_token() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let event = EventData::json("essai", &json!({}))?;
    let options = AppendToStreamOptions::default().authenticated(porte.credentials.clone());
    let appended = porte.client.append_to_stream("absences.appel-a", &options, event).await;
    assert!(matches!(appended.err(), Some(Error::AccessDenied)));
    let options = DeleteStreamOptions::default().authenticated(porte.credentials.clone());
    let deleted = porte.client.delete_stream("absences.appel-a", &options).await;
    assert!(matches!(deleted.err(), Some(Error::AccessDenied)));
    let options = TombstoneStreamOptions::default().authenticated(porte.credentials.clone());
    let deleted = porte.client.tombstone_stream("absences.appel-a", &options).await;
    assert!(matches!(deleted.err(), Some(Error::AccessDenied)));
    // These two are not even claimed.
    let batch = porte.client.batch_append(&BatchAppendOptions::default()).await;
    assert!(matches!(batch.err(), Some(Error::UnsupportedFeature)));
    let options = PersistentSubscriptionOptions::default().authenticated(porte.credentials.clone());
    let persistent = porte.client.create_persistent_subscription("absences.appel-a", "g", &options).await;
    assert!(matches!(persistent.err(), Some(Error::UnsupportedFeature)));
    assert!(porte.client.read_all(&ReadAllOptions::default()).await.is_err());
    let ecole = &porte.ecole;
    let stream = format!("portails.portail-{}", ecole.portail);
    for stranger in [ecole.parent, ecole.enseignante, ecole.principal, ecole.administrateur, exploitant()] {
        let options = ReadAllOptions::default().authenticated(credentials(ecole, stranger)?);
        let refused = porte.client.read_all(&options).await;
        assert!(matches!(refused.err(), Some(Error::AccessDenied)), "{stranger} reads all");
        let options = ReadStreamOptions::default().authenticated(credentials(ecole, stranger)?);
        let refused = porte.client.read_stream(stream.as_str(), &options).await;
        assert!(matches!(refused.err(), Some(Error::AccessDenied)), "{stranger} reads a stream");
    }
    let forged = Credentials::new(porte.ecole.portail.to_string(), "x.y.z".to_owned());
    assert!(porte.client.read_all(&ReadAllOptions::default().authenticated(forged)).await.is_err());
    porte.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_why_he_reads_has_it_recorded_and_who_does_not_is_an_auditor() -> Result<()> {
    let porte = Porte::ouvrir().await?;
    let read = async |user: String| {
        let credentials = Credentials::new(user, porte.ecole.maison.token(auditeur())?);
        let options = ReadAllOptions::default().max_count(1).authenticated(credentials);
        let mut read = porte.client.read_all(&options).await?;
        read.next().await?.context("nothing")?;
        anyhow::Ok(())
    };
    let (portail, bench) = (porte.ecole.portail.clone(), &porte.ecole.maison.bench);
    read(portail.clone()).await?;
    read(format!("{portail} Réclamation : une famille")).await?;
    // The same reason is recorded once an hour, as no reason is.
    read(format!("{portail} Réclamation : une famille")).await?;
    let recorded = ["Audit du journal.", "Réclamation : une famille"];
    assert_eq!(motifs(bench).await?, recorded);
    for refused in [String::new(), "é".repeat(501), "deux\u{7}".to_owned()] {
        assert!(read(format!("{portail} {refused}")).await.is_err(), "{refused}");
    }
    assert_eq!(motifs(bench).await?, recorded, "nothing was shown, and nothing is recorded");
    porte.fermer().await
}
