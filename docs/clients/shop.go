//go:build ignore

// A shop on the HTTP API of weifen, with net/http: go run shop.go NUMBER
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Beyond that this program ends and says when to run it again.
const longestWait = time.Minute

var notSold = map[string]string{
	"held":     "a push that does not match came; a person looks at `weifen inbox list --held`",
	"ended":    "nobody followed in time; show a new code under a new order number",
	"replaced": "a newer code was shown to this user for the same account",
	"repeated": "this follow was paid before",
}

var client = http.Client{Timeout: 45 * time.Second} // longer than any wait_s

type object = map[string]any
type problem struct {
	Kind, Detail string
	Status       int
	Retryable    bool
	wait         time.Duration
}

func (p *problem) Error() string { return p.Kind + ": " + p.Detail }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func ask(request *http.Request, answer any) error {
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return json.NewDecoder(response.Body).Decode(answer)
	}
	if response.Header.Get("Content-Type") != "application/problem+json" {
		return fmt.Errorf("an answer that is not weifen's: %s", response.Status)
	}
	p := new(problem)
	if err := json.NewDecoder(response.Body).Decode(p); err != nil {
		return err
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	if p.wait = time.Duration(seconds) * time.Second; p.wait > longestWait {
		p.Detail += "; try again at " + time.Now().Add(p.wait).Format(time.RFC3339)
	}
	return p
}

// call asks, and asks again under the same key where that does no harm.
func call(method, path string, body object, key string, answer any) error {
	keys, err := os.ReadFile(os.Getenv("WEIFEN_KEY_FILE"))
	check(err)
	bearer, _, _ := strings.Cut(string(keys), "\n")
	for attempt := 0; ; attempt++ {
		data := new(bytes.Buffer)
		if body != nil {
			check(json.NewEncoder(data).Encode(body))
		}
		request, err := http.NewRequest(method, os.Getenv("WEIFEN_API")+path, data)
		check(err)
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(bearer))
		request.Header.Set("Content-Type", "application/json")
		if key != "" { // it keeps the call from happening twice when no whole answer came
			request.Header.Set("Idempotency-Key", key)
		}
		err, wait := ask(request, answer), time.Second<<attempt
		p, ok := err.(*problem)
		if ok && p.wait > 0 {
			wait = p.wait
		}
		if err == nil || ok && !p.Retryable || wait > longestWait || attempt == 4 {
			return err
		}
		log.Printf("%v; asking again in %v", err, wait)
		time.Sleep(wait)
	}
}

func takeDeliveries() { // for other orders too
	var claimed struct {
		Deliveries []struct {
			ID        int64
			WebhookID string `json:"webhook_id"`
			Lease     string
			Payload   struct{ Booking struct{ Reference string } }
		}
	}
	check(call("POST", "/v1/deliveries/claim", object{"max": 10, "wait_s": 30, "lease_s": 60}, "", &claimed))
	for _, one := range claimed.Deliveries {
		// In one transaction of your own: store WebhookID where it is unique, and hand out the goods if it was new.
		fmt.Printf("delivery %s: %s\n", one.WebhookID, one.Payload.Booking.Reference)
		ack := object{"id": one.ID, "lease": one.Lease, "ok": true}
		check(call("POST", "/v1/deliveries/ack", object{"acks": []object{ack}}, "", &struct{}{}))
	}
}

func reportOrder(key string) {
	body := object{"openid": "oKXUCj1Fp4fNnb99liSkslcM_D-X", "deviceno": "62306600", "traffic_package_name": "1G"}
	report := map[string]string{}
	err := call("POST", "/v1/weiting/order-reports", body, key, &report)
	if p, ok := err.(*problem); ok && p.Status == http.StatusGatewayTimeout && !p.Retryable {
		// It may have happened. A person asks the vendor; only if it did not happen, they send it under a new key.
		var made struct{ Call struct{ Outcome string } }
		check(call("GET", "/v1/calls/"+url.PathEscape(key), nil, "", &made))
		log.Fatalf("the call %s is %s: a person must look at it. %v", key, made.Call.Outcome, err)
	}
	check(err)
	fmt.Println("order report", report["order_number"])
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run shop.go NUMBER")
	}
	number, user := os.Args[1], "user-"+os.Args[1]
	var code struct {
		Qrcode  map[string]any
		Booking struct {
			ID, Status string
			EventID    int64 `json:"event_id"`
		}
	}
	check(call("POST", "/v1/fensi/qrcodes", object{"auth_open_id": user, "nickname": "追梦小窝", "sex": 0,
		"ip": "183.13.188.125", "reference": "order " + number}, "qrcode-"+number, &code))
	if code.Qrcode == nil {
		log.Fatal("no account matches this user now; try the same order again later")
	}
	fmt.Println("show", code.Qrcode["qrcode_url"], "to", user)
	booking := &code.Booking
	for booking.Status == "open" {
		check(call("GET", "/v1/bookings/"+booking.ID+"?wait_s=30", nil, "", &code))
	}
	fmt.Println("booking", booking.Status)
	if booking.Status != "followed" {
		log.Fatalf("not sold (%s): %s", booking.Status, notSold[booking.Status])
	}
	var kept struct{ Event struct{ Status string } }
	for {
		check(call("GET", fmt.Sprint("/v1/events/", booking.EventID), nil, "", &kept))
		if kept.Event.Status != "pending" {
			break
		}
		takeDeliveries()
	}
	if kept.Event.Status != "delivered" {
		log.Fatalf("not sold: the delivery is %s; a person looks at `weifen inbox list`", kept.Event.Status)
	}
	reportOrder("report-" + number) // once, however often this program runs
}
