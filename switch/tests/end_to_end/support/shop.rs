use telegram_replay::acquirer::{Acquirer, Script};

use super::{
    Answer, Approval, Client, Handshake, Home, Plan, Said, Switch, Telegram, acquirer, direct_card,
    eventually, metric,
};

/// A VAN, a card company that takes its own cards directly, a switch, and a terminal's socket.
pub(crate) struct Shop {
    // In the order in which they go.
    pub(crate) client: Client,
    pub(crate) switch: Switch,
    pub(crate) home: Home,
    pub(crate) van: Acquirer,
    pub(crate) company: Acquirer,
}

impl Shop {
    pub(crate) async fn open(change: impl FnOnce(Plan) -> Plan) -> Self {
        Self::with(Script::default(), change).await
    }

    /// Both acquirers follow this script.
    pub(crate) async fn with(script: Script, change: impl FnOnce(Plan) -> Plan) -> Self {
        Self::at("kovan", script, change).await
    }

    /// The VAN speaks this; both acquirers follow this script.
    pub(crate) async fn at(dialect: &'static str, script: Script, change: impl FnOnce(Plan) -> Plan) -> Self {
        let van = acquirer(dialect, script.clone()).await;
        let company = acquirer("card450", script).await;
        let vans = Plan::vans(&[(dialect, &van, 1)]);
        let plan = change(Plan { fallback: "none", ..vans.with_direct(&company) });
        let (home, switch) = Switch::of(&plan).await;
        let client = Client::connect(switch.terminals).await;
        Self { client, switch, home, van, company }
    }

    /// The switch ends in order and starts again.
    pub(crate) async fn reopened(self) -> Self {
        let Self { van, company, home, switch, client } = self;
        drop(client);
        switch.stop().await;
        Self::on(van, company, home).await
    }

    /// The switch is killed and starts again.
    pub(crate) async fn revived(self) -> Self {
        let Self { van, company, home, switch, .. } = self;
        switch.kill();
        Self::on(van, company, home).await
    }

    async fn on(van: Acquirer, company: Acquirer, home: Home) -> Self {
        let switch = Switch::start(&home).await;
        let client = Client::connect(switch.terminals).await;
        Self { client, switch, home, van, company }
    }

    /// A socket on the listener that wants acknowledgements.
    pub(crate) async fn acknowledging(&self) -> Client {
        Client::connect(self.switch.listener("acknowledged")).await
    }

    /// A socket on the listener with handshake, invited.
    pub(crate) async fn handshake(&self) -> Handshake {
        Handshake::connect(self.switch.listener("handshake")).await
    }

    /// Another socket of the same shop.
    pub(crate) async fn another(&self) -> Client {
        Client::connect(self.switch.terminals).await
    }

    /// The answer's code.
    pub(crate) async fn code(&mut self, telegram: &impl Said) -> String {
        self.client.ask(telegram).await.code()
    }

    /// The state that an inquiry tells.
    pub(crate) async fn state(&mut self, original: &Approval) -> String {
        let (code, state) = self.client.ask(&Telegram::inquiry(990_000, original)).await.state();
        assert_eq!(code, "0000");
        state
    }

    /// An approval that is given.
    pub(crate) async fn approve(&mut self, approval: &Approval) -> Answer {
        let answer = self.client.ask(approval).await;
        assert_eq!(answer.code(), "0000");
        answer
    }

    /// Until no payment needs anything more.
    pub(crate) async fn settled(&self) {
        eventually("nothing is open", || (self.home.open_payments() == 0).then_some(())).await;
    }

    /// How often an alarm of this kind was raised.
    pub(crate) fn alarms(&self, kind: &str) -> f64 {
        metric(self.switch.admin, &format!(r#"switch_alarms_total{{kind="{kind}"}}"#))
    }

    /// The acquirers by their names.
    pub(crate) fn both(&self) -> [(&Acquirer, &'static str); 2] {
        [(&self.van, "kovan"), (&self.company, "card450")]
    }
}

/// An approval that goes to the card company.
pub(crate) fn direct(trace: u32, amount: u64) -> Approval {
    Approval::new(trace, amount).card(&direct_card(1))
}
