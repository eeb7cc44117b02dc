//! A request that may be a push, and the text in it: JSON or a form, in UTF-8.

mod charset;
mod form;
mod multipart;

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use weifen_fensi::Push;

use self::charset::Charset;

/// Separator of a body and a query that are kept as one document.
const BETWEEN: &[u8] = b"\n?";

/// A request that may be a push: its body, its `Content-Type`, its query. Bytes alone are a body.
#[derive(Clone, Default)]
#[must_use]
pub struct Packet {
    body: Bytes,
    content_type: Option<String>,
    query: Bytes,
    sender: Option<IpAddr>,
}

/// The error of a document whose text can't be read. It holds no value of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the text is not ASCII, and its declared charset is not UTF-8, GBK, GB2312 or GB18030")]
    Charset,
    #[error("the multipart body is broken, or its closing boundary is missing")]
    Multipart,
}

/// A body or a query, with its `Content-Type`.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) bytes: Bytes,
    pub(crate) content_type: Option<String>,
}

impl Packet {
    /// Makes a request with this body.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// Sets the request's `Content-Type`, of which only the `charset` is used. The body itself tells its format.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets the query of the request's URL, as it came. It counts if the body is no push.
    pub fn query(mut self, query: impl Into<Bytes>) -> Self {
        self.query = query.into();
        self
    }

    /// Sets the address that the request came from, for [`Rules::quarantine_rate`](crate::Rules::quarantine_rate).
    pub fn sender(mut self, address: IpAddr) -> Self {
        self.sender = Some(address);
        self
    }

    pub(crate) fn sent_by(&self) -> Option<IpAddr> {
        self.sender
    }

    /// Returns the document that is a push: the body, or the query if only that is one; if neither is, both in one.
    pub(crate) async fn document(self) -> Document {
        let body = Document { bytes: self.body, content_type: self.content_type };
        if self.query.is_empty() || body.is_push().await {
            return body;
        }
        let charset = body.charset_label();
        let content_type = charset.map(|charset| format!("application/x-www-form-urlencoded; charset={charset}"));
        let query = Document { bytes: self.query, content_type };
        if body.bytes.is_empty() || query.is_push().await {
            return query;
        }
        Document { bytes: [&body.bytes, BETWEEN, &query.bytes].concat().into(), content_type: body.content_type }
    }
}

impl<B: Into<Bytes>> From<B> for Packet {
    fn from(body: B) -> Self {
        Self::new(body)
    }
}

/// Leaves the content out: it may hold personal data.
impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet").finish_non_exhaustive()
    }
}

impl Document {
    /// Returns the text of a push: JSON or a form. Without a declared charset its bytes are left as they came.
    pub(crate) async fn text(&self) -> Result<Bytes, Unreadable> {
        let charset = self.charset_label().map_or(Charset::Utf8, Charset::named);
        let begins = self.bytes.trim_ascii_start();
        if let Some(boundary) = multipart::boundary(begins) {
            return multipart::form(&self.bytes, boundary, charset).await.map(Bytes::from);
        }
        match begins.first() {
            _ if charset == Charset::Utf8 => Ok(self.bytes.clone()),
            // `Push::parse` tells a JSON document, or what should be one, from a form by these.
            Some(b'{' | b'[' | b'<') => Ok(Bytes::from(charset.decode(&self.bytes)?.into_owned())),
            _ => form::written(form::pairs(&self.bytes).map(|(name, value)| (name, value, charset))).map(Bytes::from),
        }
    }

    /// Number of bytes that are stored of it.
    pub(crate) fn length(&self) -> usize {
        self.bytes.len() + self.content_type.as_ref().map_or(0, String::len)
    }

    /// Splits a document into the body and the query, neither of which was a push when they were joined.
    pub(crate) fn halves(&self) -> Option<Packet> {
        let at = self.bytes.windows(BETWEEN.len()).rposition(|window| window == BETWEEN)?;
        let (body, query) = (self.bytes.slice(..at), self.bytes.slice(at + BETWEEN.len()..));
        Some(Packet { body, content_type: self.content_type.clone(), query, sender: None })
    }

    async fn is_push(&self) -> bool {
        self.text().await.is_ok_and(|text| Push::parse(&text).is_ok())
    }

    fn charset_label(&self) -> Option<&str> {
        charset::label(self.content_type.as_deref()?)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").finish_non_exhaustive()
    }
}
