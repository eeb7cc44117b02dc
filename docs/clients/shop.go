// A shop on the HTTP API of weifen, with net/http.
//
//	go run shop.go NUMBER
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

type object = map[string]any
type problem struct {
	Kind, Detail string
	Status       int
	Retryable    bool
}

func (p *problem) Error() string { return p.Kind + ": " + p.Detail }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// call asks, and asks again under the same key where that does no harm.
func call(method, path string, body object, key string, answer any) (err error) {
	keys, err := os.ReadFile(os.Getenv("WEIFEN_KEY_FILE"))
	check(err)
	client := http.Client{Timeout: 45 * time.Second}
	for attempt := 0; attempt < 5; attempt++ {
		wait := 1 << attempt
		data, _ := json.Marshal(body)
		request, _ := http.NewRequest(method, os.Getenv("WEIFEN_API")+path, bytes.NewReader(data))
		request.Header.Set("Authorization", "Bearer "+strings.Fields(string(keys))[0])
		request.Header.Set("Content-Type", "application/json")
		if key != "" { // it keeps the call from happening twice when no whole answer came
			request.Header.Set("Idempotency-Key", key)
		}
		var response *http.Response
		if response, err = client.Do(request); err == nil {
			p := new(problem)
			if response.StatusCode == http.StatusOK {
				err = json.NewDecoder(response.Body).Decode(answer)
			} else if err = json.NewDecoder(response.Body).Decode(p); err == nil {
				err = p
			}
			response.Body.Close()
			if err == nil || err == error(p) && !p.Retryable {
				return err
			}
			fmt.Sscan(response.Header.Get("Retry-After"), &wait)
		}
		time.Sleep(time.Duration(wait) * time.Second)
	}
	return err
}

func takeDeliveries() {
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
		acks := object{"acks": []object{{"id": one.ID, "lease": one.Lease, "ok": true}}}
		check(call("POST", "/v1/deliveries/ack", acks, "", &struct{}{}))
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
	if len(os.Args) != 2 {
		log.Fatal("usage: go run shop.go NUMBER")
	}
	number := os.Args[1]
	var code struct {
		Qrcode  map[string]any
		Booking struct{ ID, Status string }
	}
	user := object{"auth_open_id": "oleiaYv6i50I7ADTlmIGN4WO-2RGM", "nickname": "追梦小窝", "sex": 0,
		"ip": "183.13.188.125", "reference": "order " + number}
	check(call("POST", "/v1/fensi/qrcodes", user, "qrcode-"+number, &code))
	if code.Qrcode == nil {
		log.Fatal("no account matches this user now")
	}
	fmt.Println("show", code.Qrcode["qrcode_url"])
	for code.Booking.Status == "open" {
		check(call("GET", "/v1/bookings/"+code.Booking.ID+"?wait_s=30", nil, "", &code))
	}
	fmt.Println("booking", code.Booking.Status)
	takeDeliveries()
	reportOrder("report-" + number)
}
