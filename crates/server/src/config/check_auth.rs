//! What the issuers of tokens must be like before a production process starts.

use super::auth::IssuerSettings;
use super::check::missing;
use super::{AuthConfig, TenantConfig};
use std::collections::HashSet;
use url::Url;
use waymark_domain::kernel::Key;
use waymark_gateway::auth::PublicKey;

/// Everything that is wrong with the issuers.
pub fn check(auth: &AuthConfig, tenant: &TenantConfig) -> Vec<String> {
    if auth.issuers.is_empty() {
        return vec!["auth.issuers is empty: who issues the tokens? Add a table [[auth.issuers]]".to_owned()];
    }
    let mut seen = HashSet::new();
    let mut problems = Vec::new();
    for (index, settings) in auth.issuers.iter().enumerate() {
        let name = if settings.issuer.is_empty() {
            format!("number {}", index + 1)
        } else {
            settings.issuer.clone()
        };
        if !seen.insert(&settings.issuer) {
            problems.push(format!(
                "auth.issuers, {name}: there are two with this issuer; whose token would it be?"
            ));
        }
        let found = identity(settings, tenant).into_iter().chain(keys(settings));
        problems.extend(found.map(|problem| format!("auth.issuers, {name}: {problem}")));
    }
    problems
}

fn identity(settings: &IssuerSettings, tenant: &TenantConfig) -> Vec<String> {
    let mut problems = Vec::new();
    let mut wrong = |is: bool, problem: &str| {
        if is {
            problems.push(problem.to_owned());
        }
    };
    wrong(settings.issuer.is_empty(), "issuer is empty: what is `iss` of its tokens?");
    wrong(
        settings.issuer == crate::dev::ISSUER,
        "this is the development issuer: anybody with the folder of `waymark dev` could sign tokens",
    );
    wrong(settings.issuer.starts_with("http:"), "issuer is not behind https");
    wrong(settings.audience.is_empty(), "audience is missing: for whom are the tokens?");
    let key = settings.tenant.as_deref().unwrap_or(&tenant.key);
    wrong(Key::new(key).is_err(), "tenant must be letters a-z, digits and hyphens");
    wrong(settings.token_type.is_empty(), "token_type is empty: what is `typ` of its tokens?");
    wrong(!(1..=1440).contains(&settings.max_token_minutes), "max_token_minutes must be 1 to 1440");
    wrong(settings.administrators.iter().any(String::is_empty), "administrators has an empty subject");
    problems
}

fn keys(settings: &IssuerSettings) -> Vec<String> {
    match (&settings.jwks_url, &settings.public_key_file) {
        (Some(_), Some(_)) => vec!["set jwks_url or public_key_file, not both".to_owned()],
        (Some(url), None) => https("jwks_url", url),
        (None, Some(file)) => {
            let name = "public_key_file";
            if let Some(problem) = missing(name, Some(file)) {
                return vec![problem];
            }
            match std::fs::read_to_string(file).map(|pem| PublicKey::from_pem(&pem)) {
                Ok(Ok(_)) => Vec::new(),
                Ok(Err(error)) => vec![format!("{name}: {} {error}", file.display())],
                Err(_) => vec![format!("{name}: {} cannot be read as text", file.display())],
            }
        }
        // Whatever else is wrong with it, has been said.
        (None, None) if settings.issuer.is_empty() || settings.issuer.starts_with("http:") => Vec::new(),
        (None, None) if settings.issuer == crate::dev::ISSUER => Vec::new(),
        (None, None) => https("issuer", &settings.issuer),
    }
}

/// Why keys cannot be fetched by this URL.
fn https(name: &str, url: &str) -> Vec<String> {
    let parsed = Url::parse(url).ok().filter(|url| url.scheme() == "https" && url.has_host());
    let Some(parsed) = parsed else {
        let hint = if name == "issuer" { "; without discovery, set jwks_url or public_key_file" } else { "" };
        return vec![format!("{name} must be an https URL for its keys to be fetched{hint}")];
    };
    if parsed.username().is_empty() && parsed.password().is_none() && parsed.fragment().is_none() {
        Vec::new()
    } else {
        vec![format!("{name} must have neither credentials nor a fragment")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn issuer() -> IssuerSettings {
        IssuerSettings {
            issuer: "https://login.example.com".to_owned(),
            audience: "waymark".to_owned(),
            tenant: None,
            jwks_url: None,
            public_key_file: None,
            token_type: "at+jwt".to_owned(),
            max_token_minutes: 60,
            administrators: Vec::new(),
        }
    }

    fn problems(issuers: Vec<IssuerSettings>) -> Vec<String> {
        check(&AuthConfig { issuers }, &TenantConfig { key: "default".to_owned() })
    }

    #[test]
    fn an_issuer_with_its_audience_is_enough() {
        assert_eq!(problems(vec![issuer()]), Vec::<String>::new());
        let urn = "urn:example:issuer".to_owned();
        let jwks_url = Some("https://keys.example.com/".to_owned());
        assert_eq!(
            problems(vec![issuer(), IssuerSettings { issuer: urn, jwks_url, ..issuer() }]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn each_fault_is_named() {
        let text = |value: &str| value.to_owned();
        let some = |value: &str| Some(value.to_owned());
        let cases = [
            (IssuerSettings { issuer: text(""), ..issuer() }, "issuer is empty"),
            (IssuerSettings { issuer: text(crate::dev::ISSUER), ..issuer() }, "development issuer"),
            (IssuerSettings { issuer: text("http://127.0.0.1:8080"), ..issuer() }, "not behind https"),
            (IssuerSettings { issuer: text("urn:example"), ..issuer() }, "must be an https URL"),
            (IssuerSettings { issuer: text("https://a:b@example.com"), ..issuer() }, "neither credentials"),
            (IssuerSettings { audience: text(""), ..issuer() }, "audience is missing"),
            (IssuerSettings { tenant: some("No Key"), ..issuer() }, "tenant must be"),
            (IssuerSettings { token_type: text(""), ..issuer() }, "token_type is empty"),
            (IssuerSettings { max_token_minutes: 0, ..issuer() }, "1 to 1440"),
            (IssuerSettings { max_token_minutes: 1441, ..issuer() }, "1 to 1440"),
            (IssuerSettings { administrators: vec![text("")], ..issuer() }, "an empty subject"),
            (
                IssuerSettings { jwks_url: some("http://localhost/keys"), ..issuer() },
                "jwks_url must be an https",
            ),
            (IssuerSettings { public_key_file: Some("/nowhere.pem".into()), ..issuer() }, "there is no file"),
        ];
        for (settings, said) in cases {
            let found = problems(vec![settings]);
            assert!(found.len() == 1 && found[0].contains(said), "{said}: {found:?}");
        }
    }

    #[test]
    fn all_faults_of_all_issuers_are_told_at_once() {
        let first = IssuerSettings { audience: String::new(), max_token_minutes: 0, ..issuer() };
        let found = problems(vec![first, IssuerSettings { token_type: String::new(), ..issuer() }]);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.iter().any(|problem| problem.contains("there are two with this issuer")));
        assert_eq!(problems(Vec::new()).len(), 1);
    }

    #[test]
    fn a_key_file_holds_a_public_key() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "a secret for HMAC").unwrap();
        let public_key_file = Some(file.path().to_owned());
        let settings = IssuerSettings { public_key_file, ..issuer() };
        let found = problems(vec![settings.clone()]);
        assert!(found[0].contains("is no public key"), "{found:?}");
        let both = IssuerSettings { jwks_url: Some("https://example.com".to_owned()), ..settings };
        assert!(problems(vec![both])[0].contains("not both"));
    }
}
