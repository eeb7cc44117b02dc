//! Finds the end of a certificate chain and names it.

use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

use super::printable;
use crate::CertificateFault;

/// Maximum number of certificates that are read; real chains are shorter.
const MOST: usize = 16;

/// Returns the fault of a chain with an unknown issuer: its end. `None` where the server's certificate can't be read.
pub(super) fn end(end_entity: &CertificateDer<'_>, sent: &[CertificateDer<'_>]) -> Option<CertificateFault> {
    let sent: Vec<_> = sent.iter().take(MOST).filter_map(|der| EndEntityCert::try_from(der).ok()).collect();
    let first = EndEntityCert::try_from(end_entity).ok()?;
    let mut last = &first;
    for _ in 0..sent.len() {
        let issuer = sent.iter().find(|issuer| issuer.subject() == last.issuer());
        match issuer {
            Some(issuer) if issuer.subject() != last.subject() => last = issuer,
            _ => break,
        }
    }
    let (subject, issuer) = (last.subject(), last.issuer());
    Some(match (subject == issuer, std::ptr::eq(last, &raw const first)) {
        (true, true) => CertificateFault::SelfSigned { name: readable(subject) },
        (true, false) => CertificateFault::UnknownAuthority { authority: readable(subject) },
        (false, _) => CertificateFault::MissingIssuer { subject: readable(subject), issuer: readable(issuer) },
    })
}

/// OIDs of a distinguished name's attributes, by preference: common name, organisation, organisational unit.
const TELLING: [&[u8]; 3] = [&[0x55, 4, 3], &[0x55, 4, 10], &[0x55, 4, 11]];

/// Returns the preferred attribute of a distinguished name, in quotation marks.
fn readable(name: &[u8]) -> String {
    let text = TELLING.iter().find_map(|wanted| attributes(name).find(|(oid, _)| oid == wanted).map(|(_, text)| text));
    let text = printable(&text.unwrap_or_default());
    if text.trim().is_empty() { "an issuer without a name".to_owned() } else { format!("\"{text}\"") }
}

/// Returns the attributes of a distinguished name: a sequence of sets of sequences of a type and a text.
fn attributes(name: &[u8]) -> impl Iterator<Item = (&[u8], String)> {
    values(name).flat_map(|(_, set)| values(set)).filter_map(|(_, attribute)| {
        let mut parts = values(attribute);
        let ((_, oid), (kind, text)) = (parts.next()?, parts.next()?);
        Some((oid, if kind == BMP_STRING { utf16(text) } else { String::from_utf8_lossy(text).into_owned() }))
    })
}

/// Tag of a UTF-16 text, in which old authorities write Chinese names.
const BMP_STRING: u8 = 0x1e;

fn utf16(text: &[u8]) -> String {
    let units = text.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Returns the consecutive DER values with their tags, up to the first that can't be read.
fn values(mut der: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, value, rest) = value(der)?;
        der = rest;
        Some((tag, value))
    })
}

fn value(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], rest) = der.split_first_chunk()?;
    let (length, rest) = match length {
        0x81 => rest.split_first().map(|(&length, rest)| (usize::from(length), rest))?,
        0x82 => rest.split_first_chunk().map(|(&length, rest)| (usize::from(u16::from_be_bytes(length)), rest))?,
        length => (usize::from(length), rest),
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((tag, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a DER value of less than 128 bytes: a sequence, a set or a text.
    fn der(tag: u8, value: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(value.len()).unwrap()], value].concat()
    }

    fn name(attributes: &[(u8, u8, &[u8])]) -> Vec<u8> {
        let attribute = |&(oid, kind, text): &(u8, u8, &[u8])| {
            der(0x31, &der(0x30, &[der(6, &[0x55, 4, oid]), der(kind, text)].concat()))
        };
        attributes.iter().flat_map(attribute).collect()
    }

    #[test]
    fn an_issuer_is_told_by_its_most_telling_name() {
        for (attributes, told) in [
            (&[(6, 0x13, &b"CN"[..]), (10, 0x0c, b"Some Corp"), (3, 0x13, b"Some CA")][..], "\"Some CA\""),
            (&[(6, 0x13, b"CN"), (10, 0x0c, "上海电信".as_bytes())], "\"上海电信\""),
            (&[(3, 0x1e, &[0x4e, 0x0a, 0x6d, 0x77])], "\"上海\""),
            (&[(3, 0x0c, b"a\x1b[31mb\n")], "\"a[31mb\""),
            (&[(6, 0x13, b"CN")], "an issuer without a name"),
        ] {
            assert_eq!(readable(&name(attributes)), told);
        }
        let long =
            [&[0x31, 0x81, 0x8b, 0x30, 0x81, 0x88, 6, 3, 0x55, 4, 3, 0x0c, 0x81, 0x80][..], &[b'x'; 128]].concat();
        assert_eq!(readable(&long), format!("\"{}\"", "x".repeat(64)));
    }

    #[test]
    fn what_is_no_name_is_read_to_its_fault_and_no_further() {
        let whole = name(&[(3, 0x0c, b"Some CA")]);
        for end in 0..whole.len() {
            readable(&whole[..end]);
        }
        assert_eq!(readable(&[0x31, 0x84, 0xff, 0xff, 0xff, 0xff]), "an issuer without a name");
    }
}
