// Greets who stands in the arguments or, without any, in the lines of standard input. Each greeting is made by a goroutine of its
// own, which the program waits for in order: Go's scheduler, channels and garbage collector run inside of the module.
package main

import (
	"bufio"
	"fmt"
	"os"
)

func greet(name string, done chan<- string) {
	greeting := os.Getenv("GREETING")
	if greeting == "" {
		greeting = "Hello"
	}
	done <- fmt.Sprintf("%s, %s!", greeting, name)
}

func main() {
	names := os.Args[1:]
	if len(names) == 0 {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			names = append(names, lines.Text())
		}
	}
	if len(names) == 0 {
		fmt.Fprintln(os.Stderr, "nobody to greet")
		os.Exit(3)
	}
	for _, name := range names {
		done := make(chan string)
		go greet(name, done)
		fmt.Println(<-done)
	}
}
