//go:build ignore

// Checks a delivery that was pushed: go run verify.go ID TIMESTAMP SIGNATURE < body
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
	"time"
)

// isGenuine checks a delivery by Standard Webhooks.
func isGenuine(secret, id, timestamp, signatures string, body []byte) bool {
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	if age := time.Since(time.Unix(sent, 0)); err != nil || age.Abs() > 5*time.Minute {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, one := range strings.Split(signatures, " ") {
		if hmac.Equal([]byte(one), []byte(expected)) {
			return true
		}
	}
	return false
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: go run verify.go ID TIMESTAMP SIGNATURE < body")
	}
	text, err := os.ReadFile(os.Getenv("WEIFEN_DELIVER_SECRET_FILE"))
	if err != nil {
		log.Fatal(err)
	}
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	secret, _, _ := strings.Cut(string(text), "\n")
	if isGenuine(strings.TrimSpace(secret), os.Args[1], os.Args[2], os.Args[3], body) {
		fmt.Println("genuine")
	} else {
		fmt.Println("forged")
	}
}
