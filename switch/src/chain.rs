//! An error as people read it in one line.

use std::error::Error;

/// What went wrong and all that led to it: "cannot read the configuration switch.toml: Permission denied (os error 13)".
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::{config::ConfigError, reload::ReloadError};

    #[test]
    fn every_cause_is_told_once() {
        let cause = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = ReloadError::from(ConfigError::Unreadable { path: "switch.toml".into(), cause });
        assert_eq!(chain(&error), "cannot read the configuration switch.toml: permission denied");
        let address = ([127, 0, 0, 1], 7001).into();
        let cause = io::Error::from(io::ErrorKind::AddrInUse);
        let error = ReloadError::Listen { listener: "pos".into(), address, cause };
        assert_eq!(chain(&error), "cannot listen on 127.0.0.1:7001 (listen.pos): address in use");
    }
}
